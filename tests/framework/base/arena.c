#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "framework/base/arena.h"

static void allocations_are_aligned_and_apart(void **state)
{
	(void)state;
	km_arena arena = {0};
	char *last = NULL;

	for (size_t size = 1; size < 10000; size += 37) {
		char *found = km_arena_alloc(&arena, size);
		assert_non_null(found);
		assert_int_equal((uintptr_t)found % 16, 0);
		memset(found, 0x5a, size);
		assert_ptr_not_equal(found, last);
		last = found;
	}
	km_arena_finish(&arena);
}

static void a_copy_is_terminated(void **state)
{
	(void)state;
	km_arena arena = {0};

	assert_string_equal(km_arena_copy(&arena, "bats", 3), "bat");
	assert_string_equal(km_arena_copy(&arena, NULL, 0), "");
	km_arena_finish(&arena);
}

static void reset_reuses_the_first_chunk(void **state)
{
	(void)state;
	km_arena arena = {0};
	void *first = km_arena_alloc(&arena, 10);

	assert_non_null(km_arena_alloc(&arena, 1 << 20));
	km_arena_reset(&arena);
	assert_ptr_equal(km_arena_alloc(&arena, 10), first);
	km_arena_finish(&arena);
}

static void an_allocation_may_be_empty(void **state)
{
	(void)state;
	km_arena arena = {0};
	void *first = km_arena_alloc(&arena, 0);

	assert_non_null(first);
	assert_ptr_not_equal(km_arena_alloc(&arena, 0), first);
	km_arena_finish(&arena);
}

static void sizes_beyond_memory_are_refused(void **state)
{
	(void)state;
	km_arena arena = {0};

	assert_null(km_arena_alloc(&arena, SIZE_MAX));
	assert_null(km_arena_alloc(&arena, SIZE_MAX - 15));
	assert_null(km_arena_copy(&arena, "", SIZE_MAX));
	km_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations_are_aligned_and_apart),
		cmocka_unit_test(a_copy_is_terminated),
		cmocka_unit_test(reset_reuses_the_first_chunk),
		cmocka_unit_test(an_allocation_may_be_empty),
		cmocka_unit_test(sizes_beyond_memory_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
