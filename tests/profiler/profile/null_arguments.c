/* NULL in place of the arguments that the contracts of profiler.h require. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "tests/profiler/recording.h"

#define assert_refused(call, word)                                                                 \
	do {                                                                                       \
		assert_int_equal(call, KM_EINVAL);                                                 \
		assert_non_null(strstr(km_profile_error(), word));                                 \
	} while (0)

static void a_null_profile_is_refused(void **state)
{
	const char *wanted = "profile is NULL";
	km_profile_summary summary = {.calls = 1};
	FILE *null = fopen("/dev/null", "w");

	(void)state;
	assert_refused(km_profile_start(NULL), wanted);
	assert_refused(km_profile_stop(NULL), wanted);
	assert_refused(km_profile_set_name(NULL, "name"), wanted);
	assert_refused(km_profile_recover(NULL, getpid(), 0), wanted);
	assert_refused(km_profile_print_stack(NULL, null), wanted);
	assert_refused(km_profile_print_stats(NULL, null, NULL, NULL), wanted);
	assert_refused(km_profile_print_callers(NULL, null, NULL, NULL), wanted);
	assert_refused(km_profile_print_callees(NULL, null, NULL, NULL), wanted);
	assert_refused(km_profile_dump_stats(NULL, "/dev/null"), wanted);
	assert_refused(km_profile_dump_stats_facts(NULL, "/dev/null", NULL), wanted);
	km_profile_reset(NULL);
	km_profile_discard(NULL);
	km_profile_free(NULL);
	km_profile_summarise(NULL, &summary);
	assert_int_equal(summary.calls, 0);
	fclose(null);
}

static void other_null_arguments_are_refused(void **state)
{
	km_profile *profile = km_profile_new(NULL);

	(void)state;
	assert_non_null(profile);
	assert_refused(km_profile_set_name(profile, NULL), "name is NULL");
	assert_refused(km_profile_print_stack(profile, NULL), "stream is NULL");
	assert_refused(km_profile_print_stats(profile, NULL, NULL, NULL), "stream is NULL");
	assert_refused(km_profile_print_callers(profile, NULL, NULL, NULL), "stream is NULL");
	assert_refused(km_profile_print_callees(profile, NULL, NULL, NULL), "stream is NULL");
	assert_refused(km_profile_dump_stats(profile, NULL), "path is NULL");
	assert_refused(km_profile_locate((const void *)&getpid, NULL), "location is NULL");
	assert_refused(km_profile_locate_line((const void *)&getpid, NULL, 0), "no room");
	assert_int_equal(km_profile_print_thread(NULL, NULL, stdout), 0);
	assert_non_null(strstr(km_profile_error(), "thread is NULL"));
	km_profile_summarise(profile, NULL);
	assert_int_equal(km_profile_check_sort(NULL), 0);
	assert_int_equal(km_profile_check_restrictions(NULL), 0);
	km_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_null_profile_is_refused),
		cmocka_unit_test(other_null_arguments_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
