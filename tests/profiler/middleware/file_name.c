#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "framework/base/buffer.h"
#include "framework/base/unicode.h"
#include "profiler/middleware/file_name.h"

static void assert_cleaned(km_str text, const char *expected)
{
	km_file_name name;

	km_file_name_clean(name, text);
	assert_string_equal(name, expected);
}

static void a_name_stays_in_its_folder(void **state)
{
	(void)state;
	assert_cleaned(KM_STR("GET.root.prof"), "GET.root.prof");
	assert_cleaned(KM_STR("../../etc/passwd"), "_._.._etc_passwd");
	assert_cleaned(KM_STR(".hidden"), "_hidden");
	assert_cleaned(KM_STR("..."), "_..");
	assert_cleaned(KM_STR("-rf"), "_rf");
	assert_cleaned(KM_STR("/a/b"), "_a_b");
	assert_cleaned(KM_STR(""), "profile.prof");
}

static void a_name_is_printable(void **state)
{
	(void)state;
	assert_cleaned(KM_STR("a\0b\n\x1b[2J\x7f"), "a_b__[2J_");
	assert_cleaned(KM_STR("x\xff\xc3.prof"), "x__.prof");
	/* U+202E right-to-left override, U+009B control sequence introducer */
	assert_cleaned(KM_STR("a\xe2\x80\xae"
			      "b\xc2\x9b"
			      "c"),
		       "a_b_c");
	assert_cleaned(KM_STR("\xe6\x8e\xa8 \xc3\xa9.prof"), "\xe6\x8e\xa8 \xc3\xa9.prof");
}

static void a_long_name_loses_its_middle(void **state)
{
	char head[400], expected[400];
	km_file_name name;

	(void)state;
	/* Every offset of a two-byte character against both cuts. */
	for (int shift = 0; shift < 4; shift++) {
		km_buffer text = {0};
		km_buffer_fill(&text, 'a', shift);
		for (int i = 0; i < 300; i++)
			km_buffer_text(&text, "\xc3\xa9");
		km_buffer_fill(&text, 'b', shift / 2);
		km_buffer_text(&text, ".12ms.1700000000.prof");
		km_file_name_clean(name, (km_str){text.data, text.len});
		size_t len = strlen(name);
		assert_in_range(len, 150, KM_FILE_NAME_MAX - 10);
		assert_string_equal(name + len - 21, ".12ms.1700000000.prof");
		km_str rest = {name, len};
		while (rest.len > 0)
			assert_true(km_unicode_is_printable(km_unicode_next(&rest)));
		km_buffer_finish(&text);
	}
	memset(head, 'x', sizeof head);
	snprintf(head + 300, sizeof head - 300, ".prof");
	km_file_name_clean(name, km_str_from(head));
	snprintf(expected, sizeof expected, "%.123s...%s", head, head + 305 - 64);
	assert_string_equal(name, expected);
	assert_int_equal(strlen(name), 190);
	/* One that just fits is not touched. */
	assert_cleaned((km_str){head + 305 - 190, 190}, head + 305 - 190);
	km_file_name_clean(name, (km_str){head + 305 - 191, 191});
	assert_non_null(strstr(name, "..."));
}

static void the_number_stands_before_the_extension(void **state)
{
	km_file_name name, numbered;
	char longest[KM_FILE_NAME_MAX];

	(void)state;
	snprintf(name, sizeof name, "GET.root.prof");
	km_file_name_numbered(numbered, name, 2);
	assert_string_equal(numbered, "GET.root-2.prof");
	snprintf(name, sizeof name, "plain");
	km_file_name_numbered(numbered, name, 999999999);
	assert_string_equal(numbered, "plain-999999999");
	memset(longest, 'x', sizeof longest);
	km_file_name_clean(name, (km_str){longest, sizeof longest});
	km_file_name_numbered(numbered, name, 999999999);
	assert_int_equal(strlen(numbered), KM_FILE_NAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_stays_in_its_folder),
		cmocka_unit_test(a_name_is_printable),
		cmocka_unit_test(a_long_name_loses_its_middle),
		cmocka_unit_test(the_number_stands_before_the_extension),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
