/* Enabling the probe beside a thread: allowed only if no thread can be in the middle of a sled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "tests/profiler/recording.h"

static int ends[2];

__attribute__((noinline)) static int sledded(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void *wait_for_end(void *argument)
{
	char byte;

	(void)argument;
	return read(ends[0], &byte, 1) == 0 ? &ends : NULL;
}

static void a_running_thread_forbids_to_patch_sleds_of_several_instructions(void **state)
{
	(void)state;
	pthread_t thread;
	void *result;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_end, NULL), 0);
	int enabled = km_profile_enable();
	km_profile *early = km_profile_new(NULL);
	close(ends[1]);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &ends);
#ifdef __clang__
	assert_int_equal(enabled, 0);
	assert_non_null(early);
#else
	assert_int_equal(enabled, KM_ESTATE);
	assert_null(early);
	assert_non_null(strstr(km_profile_error(), "before they start"));
#endif
	km_profile_free(early);
}

static void without_threads_the_probe_is_enabled(void **state)
{
	(void)state;
	assert_int_equal(km_profile_enable(), 0);
	km_profile *profile = km_profile_new(NULL);
	assert_non_null(profile);
	km_profile_start(profile);
	int result = sledded(1);
	km_profile_stop(profile);
	assert_int_equal(result, 2);
	assert_int_equal(calls_of(profile, "sledded"), 1);
	km_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_thread_forbids_to_patch_sleds_of_several_instructions),
		cmocka_unit_test(without_threads_the_probe_is_enabled),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
