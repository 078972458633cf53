/* Shared objects that come and go: the loader puts the next one where the last one was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>

#include "tests/profiler/recording.h"

/* Opens `object`, records what it does, and closes it again. */
static void assert_recorded(const char *object, const char *function)
{
	void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);

	assert_non_null(handle);
	int (*work)(void) = (int (*)(void))(intptr_t)dlsym(handle, "work");
	assert_non_null(work);
	assert_int_equal(km_profile_enable(), 0);
	km_profile *profile = km_profile_new(NULL);
	assert_non_null(profile);
	km_profile_start(profile);
	int result = work();
	km_profile_stop(profile);
	assert_int_equal(result, 5);
	assert_int_equal(calls_of(profile, "work"), 1);
	assert_int_equal(calls_of(profile, function), 2);
	km_profile_free(profile);
	dlclose(handle);
}

static void an_object_that_is_opened_again_is_recorded_again(void **state)
{
	(void)state;
	assert_recorded(FIRST_OBJECT, "first");
	assert_recorded(FIRST_OBJECT, "first");
}

static void one_in_the_place_of_another_has_its_own_names(void **state)
{
	(void)state;
	assert_recorded(FIRST_OBJECT, "first");
	assert_recorded(OTHER_OBJECT, "other");
	assert_recorded(FIRST_OBJECT, "first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_that_is_opened_again_is_recorded_again),
		cmocka_unit_test(one_in_the_place_of_another_has_its_own_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
