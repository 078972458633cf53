#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/symbols/symbols.h"

static __attribute__((noinline)) int first(int x)
{
	return x * 3;
}
enum { FIRST_LINE = __LINE__ - 4 };

static void a_function_of_this_file(void **state)
{
	(void)state;
	const km_symbol *symbol = km_symbols_find((const void *)(uintptr_t)first);

	assert_string_equal(symbol->name, "first");
	assert_int_equal(symbol->line, FIRST_LINE);
	assert_int_equal(symbol->file[0], '/');
	assert_non_null(strstr(symbol->file, "tests/profiler/symbols/lookup.c"));
	assert_ptr_equal(km_symbols_find((const void *)(uintptr_t)first), symbol);
	assert_int_equal(first(2), 6);
}

static void an_address_outside_of_any_code(void **state)
{
	(void)state;
	int on_the_stack;

	assert_string_equal(km_symbols_find((const void *)0x12)->name, "0x12");
	assert_string_equal(km_symbols_find(&on_the_stack)->file, "~");
	assert_int_equal(km_symbols_find(NULL)->line, 0);
}

static void it_starts_anew_after_finish(void **state)
{
	(void)state;
	km_symbols_finish();
	km_symbols_finish();
	assert_string_equal(km_symbols_find((const void *)(uintptr_t)first)->name, "first");
}

enum { THREADS = 4, ADDRESSES = 2000, ROUNDS = 10 };

static pthread_barrier_t at_once;

static void *look_up(void *start)
{
	const char *code = start;

	pthread_barrier_wait(&at_once);
	for (int i = 0; i < ADDRESSES; i++) {
		const km_symbol *symbol = km_symbols_find(code + i);
		if (!symbol || km_symbols_find(code + i) != symbol)
			return start;
	}
	return NULL;
}

static void threads_look_up_at_once(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	void *failed;

	pthread_barrier_init(&at_once, NULL, THREADS);
	for (int round = 0; round < ROUNDS; round++) {
		km_symbols_finish();
		for (int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, look_up,
							(void *)(uintptr_t)first),
					 0);
		for (int i = 0; i < THREADS; i++) {
			pthread_join(threads[i], &failed);
			assert_null(failed);
		}
	}
	pthread_barrier_destroy(&at_once);
}

static void forget(void)
{
	km_symbols_finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_of_this_file),
		cmocka_unit_test(an_address_outside_of_any_code),
		cmocka_unit_test(it_starts_anew_after_finish),
		cmocka_unit_test(threads_look_up_at_once),
	};

	atexit(forget);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
