/* Suggestions for misspelled names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "framework/base/suggest.h"

static const char *nearest(const char *text)
{
	static const char *const names[] = {"port", "host", "profile", "profile-dir", "timeout"};
	const char *found = NULL;
	km_suggest search;

	km_suggest_begin(&search, text, strlen(text));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (km_suggest_try(&search, names[i]))
			found = names[i];
	}
	return found;
}

static void one_mistake_is_one_change(void **state)
{
	(void)state;
	assert_string_equal(nearest("prot"), "port"); /* two letters swapped */
	assert_string_equal(nearest("prt"), "port");
	assert_string_equal(nearest("porrt"), "port");
	assert_string_equal(nearest("most"), "host");
	assert_string_equal(nearest("port"), "port");
	assert_string_equal(nearest("profil-dir"), "profile-dir");
}

static void the_nearest_of_several_is_found(void **state)
{
	(void)state;
	assert_string_equal(nearest("profile-di"), "profile-dir"); /* "profile" is near as well */
	assert_string_equal(nearest("profile-d"), "profile");	   /* of two, the first */
	assert_string_equal(nearest("profiles"), "profile");
}

static void a_short_text_may_differ_less(void **state)
{
	(void)state;
	assert_null(nearest("p"));
	assert_null(nearest("pot-"));			    /* 2 changes, 1 is near */
	assert_string_equal(nearest("timouts"), "timeout"); /* 2 of 7 */
	assert_null(nearest("tmouts-x"));		    /* 4 changes, 3 are near */
	assert_null(nearest(""));
}

static void longer_names_than_the_bound_are_near_to_none(void **state)
{
	(void)state;
	char longest[KM_SUGGEST_MAX + 2];
	km_suggest search;

	memset(longest, 'a', sizeof longest);
	longest[KM_SUGGEST_MAX] = '\0';
	km_suggest_begin(&search, longest, KM_SUGGEST_MAX);
	assert_true(km_suggest_try(&search, longest));
	longest[KM_SUGGEST_MAX] = 'a';
	longest[KM_SUGGEST_MAX + 1] = '\0';
	km_suggest_begin(&search, longest, KM_SUGGEST_MAX);
	assert_false(km_suggest_try(&search, longest));
	km_suggest_begin(&search, longest, KM_SUGGEST_MAX + 1);
	longest[KM_SUGGEST_MAX] = '\0';
	assert_false(km_suggest_try(&search, longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mistake_is_one_change),
		cmocka_unit_test(the_nearest_of_several_is_found),
		cmocka_unit_test(a_short_text_may_differ_less),
		cmocka_unit_test(longer_names_than_the_bound_are_near_to_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/base/suggest", tests, NULL, NULL);
}
