/* The store of a body: in memory up to the bound, in a file without a name beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "framework/http/body_store.h"

enum { BOUND = 100 };

static char pattern[70000];

static int append(km_http_body_store *store, size_t from, size_t len)
{
	return km_http_body_store_append(store, (km_str){pattern + from, len}, BOUND);
}

static void check_whole(km_http_body_store *store, size_t len)
{
	km_str view = km_http_body_store_view(store);

	assert_non_null(view.ptr);
	assert_int_equal(view.len, len);
	assert_memory_equal(view.ptr, pattern, len);
	assert_int_equal(view.ptr[len], '\0');
}

static void the_bound_holds_to_the_byte(void **state)
{
	(void)state;
	km_http_body_store store = {0};

	check_whole(&store, 0);
	assert_int_equal(append(&store, 0, BOUND - 1), 0);
	assert_int_equal(append(&store, BOUND - 1, 1), 0);
	assert_false(store.in_file);
	check_whole(&store, BOUND);
	assert_int_equal(append(&store, BOUND, 1), 0);
	assert_true(store.in_file);
	assert_int_equal(store.memory.capacity, 0);
	check_whole(&store, BOUND + 1);
	km_http_body_store_clear(&store, 0);
	check_whole(&store, 0);
	km_http_body_store_clear(&store, 0);
}

/* The last page of such a file has no room for the NUL. */
static void a_file_of_whole_pages_is_terminated(void **state)
{
	(void)state;
	km_http_body_store store = {0};

	assert_int_equal(append(&store, 0, 65536), 0);
	check_whole(&store, 65536);
	km_http_body_store_clear(&store, 0);
}

static void any_part_of_a_file_can_be_read(void **state)
{
	(void)state;
	const size_t size = sizeof pattern;
	km_http_body_store store = {0};
	char bytes[1000];

	assert_int_equal(append(&store, 0, size), 0);
	for (size_t at = 0; at < size; at += 77) {
		size_t left = size - at, len = left < sizeof bytes ? left : sizeof bytes;
		assert_int_equal(km_http_body_store_read(&store, at, bytes, sizeof bytes), len);
		assert_memory_equal(bytes, pattern + at, len);
	}
	assert_int_equal(km_http_body_store_read(&store, size, bytes, 1), 0);
	check_whole(&store, size);
	assert_int_equal(km_http_body_store_read(&store, size, bytes, 1), 0);
	km_http_body_store_clear(&store, 0);
}

static void only_little_memory_is_kept(void **state)
{
	(void)state;
	km_http_body_store store = {0};

	assert_int_equal(append(&store, 0, BOUND), 0);
	km_http_body_store_clear(&store, BOUND);
	assert_int_equal(store.memory.capacity, 0);
	assert_int_equal(append(&store, 0, BOUND), 0);
	km_http_body_store_clear(&store, 4096);
	assert_true(store.memory.capacity > 0);
	check_whole(&store, 0);
	km_http_body_store_clear(&store, 0);
}

static void a_missing_folder_is_an_error(void **state)
{
	(void)state;
	km_http_body_store store = {0};

	setenv("TMPDIR", "/nowhere", 1);
	assert_int_equal(append(&store, 0, BOUND + 1), KM_EIO);
	assert_int_equal(errno, ENOENT);
	km_http_body_store_clear(&store, 0);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bound_holds_to_the_byte),
		cmocka_unit_test(a_file_of_whole_pages_is_terminated),
		cmocka_unit_test(any_part_of_a_file_can_be_read),
		cmocka_unit_test(only_little_memory_is_kept),
		cmocka_unit_test(a_missing_folder_is_an_error),
	};

	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (char)('a' + i % 23);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/http/body_store", tests, NULL, NULL);
}
