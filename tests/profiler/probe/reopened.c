/* Shared objects that are opened and closed: the loader maps the next one in the same place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <sys/mman.h>

#include "tests/profiler/recording.h"

enum { INT3 = 0xcc };

/* Changes the first byte of the sled of the function at `code`, as a debugger does. Returns the
 * byte that was there. */
static unsigned char change_sled(void *code, unsigned char byte)
{
	unsigned char *site = code, before;
	void *page = (void *)((uintptr_t)site & ~(uintptr_t)4095);

	if (memcmp(site, "\xf3\x0f\x1e\xfa", 4) == 0) /* endbr64 */
		site += 4;
	assert_int_equal(mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
	before = *site;
	*site = byte;
	assert_int_equal(mprotect(page, 8192, PROT_READ | PROT_EXEC), 0);
	return before;
}

/* Opens `object`, records its work and closes it again. `breakpoint`: work has one meanwhile. */
static void assert_recorded(const char *object, const char *function, bool breakpoint)
{
	void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);

	assert_non_null(handle);
	void *code = dlsym(handle, "work");
	int (*work)(void) = (int (*)(void))(intptr_t)code;
	assert_non_null(work);
	unsigned char nop = breakpoint ? change_sled(code, INT3) : 0;
	assert_int_equal(km_profile_enable(), 0);
	if (breakpoint)
		assert_int_equal(change_sled(code, nop), INT3);
	km_profile *profile = km_profile_new(NULL);
	assert_non_null(profile);
	km_profile_start(profile);
	int result = work();
	km_profile_stop(profile);
	assert_int_equal(result, 5);
	assert_int_equal(calls_of(profile, "work"), breakpoint ? -1 : 1);
	assert_int_equal(calls_of(profile, function), 2);
	km_profile_free(profile);
	dlclose(handle);
}

static void an_object_that_is_opened_again_is_recorded_again(void **state)
{
	(void)state;
	assert_recorded(FIRST_OBJECT, "first", false);
	assert_recorded(FIRST_OBJECT, "first", false);
}

static void an_object_in_the_place_of_another_has_its_own_names(void **state)
{
	(void)state;
	assert_recorded(FIRST_OBJECT, "first", false);
	assert_recorded(OTHER_OBJECT, "other", false);
	assert_recorded(FIRST_OBJECT, "first", false);
}

static void a_breakpoint_takes_out_its_function_alone(void **state)
{
	(void)state;
	assert_recorded(FIRST_OBJECT, "first", true);
	assert_recorded(FIRST_OBJECT, "first", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_that_is_opened_again_is_recorded_again),
		cmocka_unit_test(an_object_in_the_place_of_another_has_its_own_names),
		cmocka_unit_test(a_breakpoint_takes_out_its_function_alone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
