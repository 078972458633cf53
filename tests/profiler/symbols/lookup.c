#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void an_address_outside_of_code_names_itself(void **state)
{
	(void)state;
	int on_the_stack;

	assert_string_equal(km_symbols_find((const void *)0x12)->name, "0x12");
	assert_string_equal(km_symbols_find(&on_the_stack)->file, "~");
	assert_int_equal(km_symbols_find(NULL)->line, 0);
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

/* Runs in a process that has looked up nothing yet. Returns its exit status. */
static int look_up_in_threads(void)
{
	pthread_t threads[THREADS];
	void *failed;
	int status = 0;

	pthread_barrier_init(&at_once, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, look_up, (void *)(uintptr_t)first))
			return 2;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		status |= failed != NULL;
	}
	return status;
}

/* The first test: its children must not inherit symbols. */
static void threads_look_up_at_once(void **state)
{
	int status;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		pid_t child = fork();
		if (child == 0)
			_exit(look_up_in_threads());
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_look_up_at_once),
		cmocka_unit_test(a_function_of_this_file),
		cmocka_unit_test(an_address_outside_of_code_names_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
