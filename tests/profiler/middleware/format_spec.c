/* Every format spec below against str.format of /usr/bin/python3: accepted or refused alike, and
 * the same text. Where ours differs on purpose has a test of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/middleware/filename_format.h"
#include "profiler/middleware/format_spec.h"

static const double numbers[] = {0,
				 0.5,
				 1.5,
				 2.5,
				 12.345,
				 1234.5,
				 0.125,
				 99999.995,
				 1e-5,
				 0.0001,
				 123456789,
				 1e15,
				 1e16,
				 1e22,
				 1.7976931348623157e308,
				 5e-324,
				 0.1,
				 1700000000.123456,
				 9007199254740993.0,
				 999999.5,
				 9.5,
				 1e100,
				 100,
				 0.3,
				 2e-7};

static const char *const number_specs[] = {
	"",
	".0f",
	".1f",
	".2f",
	"f",
	"e",
	"E",
	".0e",
	"g",
	"G",
	".3g",
	".0g",
	"n",
	"%",
	".0%",
	".1%",
	"10",
	"010",
	"08.2f",
	"<10.1f",
	">10.1f",
	"^11.1f",
	"=10.1f",
	"*^12.1f",
	"x=+12.1f",
	"+.1f",
	" .1f",
	"-.1f",
	",",
	",.0f",
	"_.2f",
	"010,.1f",
	"07,.0f",
	"08,.0f",
	"09,.0f",
	"+015,.3f",
	"<010.1f",
	"0=12.1f",
	"0>12,.1f",
	".3",
	".0",
	".17",
	".1",
	"12.4",
	"\xc3\xa9<9.0f",
	"012,",
	",g",
	",e",
	",%",
	"_",
	"020.3e",
	"F",
	/* refused */
	".f",
	".",
	"s",
	"x",
	"c",
	"q",
	",,",
	",_",
	"10,n",
	"<<<",
	".2.3f",
	"f10",
	"1 0",
	"+-",
	".-1f",
	"10 ",
	"ff",
};

static const char *const texts[] = {"",	  "GET", "a", "it's", "\xe6\x8e\xa8\xe6\xb8\xac.\xc3\xa9",
				    "a b"};

static const char *const text_specs[] = {
	"",
	"s",
	"10",
	"<10",
	">10",
	"^9",
	"*^9",
	".2",
	".0",
	"6.2",
	"05",
	">05",
	"\xe2\x80\xa6>7.2s",
	"x<3",
	".20s",
	/* refused */
	"=5",
	"+5",
	" 5",
	",",
	"_",
	"d",
	"f",
	"5x",
	".",
	"0=5",
};

/* Writes the program that prints, for each spec and value, the text or "!". */
static char *expected_texts(void)
{
	char folder[] = "/tmp/komori-format-XXXXXX", path[64], command[96];
	km_buffer text = {0};

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/p.py", folder);
	FILE *program = fopen(path, "w");
	assert_non_null(program);
	fputs("import sys\n"
	      "sys.stdout.reconfigure(encoding='utf-8')\n"
	      "def show(spec, value):\n"
	      "\ttry:\n\t\tprint(('{v:' + spec + '}').format(v=value))\n"
	      "\texcept ValueError:\n\t\tprint('!')\n",
	      program);
	for (size_t s = 0; s < sizeof number_specs / sizeof number_specs[0]; s++) {
		for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
			fprintf(program, "show('%s', float.fromhex('%a'))\n", number_specs[s],
				numbers[n]);
	}
	for (size_t s = 0; s < sizeof text_specs / sizeof text_specs[0]; s++) {
		for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
			fprintf(program, "show('%s', \"%s\")\n", text_specs[s], texts[n]);
	}
	assert_int_equal(fclose(program), 0);
	snprintf(command, sizeof command, "/usr/bin/python3 %s", path);
	FILE *pipe = popen(command, "r");
	for (int byte; (byte = getc(pipe)) != EOF;)
		km_buffer_char(&text, (char)byte);
	assert_int_equal(pclose(pipe), 0);
	remove(path);
	remove(folder);
	km_buffer_char(&text, '\0');
	return text.data;
}

static void check(const char **line, const char *spec_text, double number, const char *text)
{
	const char *end = strchr(*line, '\n');
	km_format_spec spec;
	km_buffer found = {0};

	assert_non_null(end);
	if (km_format_spec_parse(km_str_from(spec_text), text == NULL, &spec))
		km_buffer_char(&found, '!');
	else if (text)
		km_format_text(&found, &spec, km_str_from(text));
	else
		km_format_number(&found, &spec, number);
	km_buffer_char(&found, '\n');
	if (found.len != (size_t)(end + 1 - *line) || memcmp(found.data, *line, found.len) != 0)
		fail_msg("{:%s} of %a \"%s\": found %s wanted %.*s", spec_text, number,
			 text ? text : "", found.data, (int)(end - *line), *line);
	km_buffer_finish(&found);
	*line = end + 1;
}

static void specs_format_as_in_python(void **state)
{
	char *expected = expected_texts();
	const char *line = expected;

	(void)state;
	for (size_t s = 0; s < sizeof number_specs / sizeof number_specs[0]; s++) {
		for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
			check(&line, number_specs[s], numbers[n], NULL);
	}
	for (size_t s = 0; s < sizeof text_specs / sizeof text_specs[0]; s++) {
		for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
			check(&line, text_specs[s], 0, texts[n]);
	}
	assert_int_equal(*line, '\0');
	free(expected);
}

static const km_profile_facts facts = {
	.method = "GET",
	.path = "//api/v1/x/",
	.started = 1700000000.25,
	.elapsed = 0.0125,
};

static void assert_name(const char *format, const char *expected)
{
	km_buffer name = {0};
	char error[256] = "";

	if (km_filename_format(&name, format, &facts, error, sizeof error))
		fail_msg("%s: %s", format, error);
	assert_string_equal(name.data, expected);
	km_buffer_finish(&name);
}

static void fields_are_those_of_werkzeug(void **state)
{
	(void)state;
	/* 12.5 rounds to even, 1700000000.2625 down */
	assert_name(KM_PROFILER_FILENAME_FORMAT, "GET.api.v1.x.12ms.1700000000.prof");
	assert_name("{path:.3}-{method:>5}", "api-  GET");
	assert_name("{{{method}}}{{}}", "{GET}{}");
	assert_name("{elapsed}", "12.5");
	/* beyond Python: d takes a float and rounds it */
	assert_name("{elapsed:06d} {time:,d}", "000012 1,700,000,000");
	assert_name("fixed", "fixed");
}

static void a_bad_format_is_an_error_with_a_reason(void **state)
{
	static const char *const cases[][2] = {
		{"", "empty"},
		{"{elasped}", "{method}, {path}, {elapsed} and {time}"},
		{"{}", "{method}"},
		{"{0}", "{method}"},
		{"{path.real}", "{method}"},
		{"{path", "no \"}\""},
		{"path}", "no \"{\""},
		{"{path!r}", "!r"},
		{"{path:{method}}", "cannot contain \"{\""},
		{"{path:d}", "type of text"},
		{"{elapsed:s}", "types of a number"},
		{"{elapsed:.2d}", "precision"},
		{"{elapsed:1000}", "200"},
		{"{elapsed:.999999999999f}", "200"},
		{"{elapsed:#.0f}", "spec is"},
		{"a/{path}", "\"/\"; PROFILE_DIR names the folder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char error[256] = "";
		assert_int_equal(km_profiler_check_filename(cases[i][0], error, sizeof error),
				 KM_EINVAL);
		if (!strstr(error, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], error);
	}
	assert_int_equal(km_profiler_check_filename(KM_PROFILER_FILENAME_FORMAT, NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs_format_as_in_python),
		cmocka_unit_test(fields_are_those_of_werkzeug),
		cmocka_unit_test(a_bad_format_is_an_error_with_a_reason),
	};
	/* A locale with a decimal comma, where the system has one, must change nothing. */
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
		setlocale(LC_NUMERIC, "fr_FR.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
