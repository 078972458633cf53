/* Compares km_repr with Python's repr. The Unicode tables of both must have the same version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "framework/base/repr.h"
#include "framework/base/unicode.h"

/* Returns the output of /usr/bin/python3 -c `program`; the caller frees it. */
static char *python(const char *program)
{
	char *command;
	km_buffer text = {0};

	assert_true(asprintf(&command,
			     "PYTHONIOENCODING=utf-8:surrogateescape /usr/bin/python3 -c '%s'",
			     program) > 0);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	for (int byte; (byte = getc(pipe)) != EOF;)
		km_buffer_char(&text, (char)byte);
	assert_int_equal(pclose(pipe), 0);
	free(command);
	km_buffer_char(&text, '\0');
	return text.data;
}

static void append_utf8(km_buffer *out, uint32_t c)
{
	if (c < 0x80) {
		km_buffer_char(out, (char)c);
		return;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint32_t lead[] = {0, 0xc0, 0xe0, 0xf0};
	km_buffer_char(out, (char)(unsigned char)(lead[more] | c >> 6 * more));
	while (more-- > 0)
		km_buffer_char(out, (char)(unsigned char)(0x80 | (c >> 6 * more & 0x3f)));
}

static size_t line_length(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? (size_t)(newline - line) : (size_t)(end - line);
}

static void every_character_prints_as_python_prints_it(void **state)
{
	char *expected =
		python("import unicodedata\n"
		       "if unicodedata.unidata_version == \"14.0.0\":\n"
		       " for c in range(1, 0x110000, 64):\n"
		       "  print(repr(\"\".join(map(chr, filter(lambda c: not 0xd800 <= c < "
		       "0xe000, range(c, min(c + 64, 0x110000)))))))");
	km_buffer found = {0}, text = {0};

	(void)state;
	if (!*expected) {
		free(expected);
		skip();
	}
	for (uint32_t c = 1; c < 0x110000; c += 64) {
		km_buffer_clear(&text);
		for (uint32_t k = c; k < c + 64 && k < 0x110000; k++) {
			if (k < 0xd800 || k >= 0xe000)
				append_utf8(&text, k);
		}
		km_repr(&found, (km_str){text.data, text.len});
		km_buffer_char(&found, '\n');
	}
	const char *a = found.data, *a_end = a + found.len;
	const char *b = expected, *b_end = b + strlen(b);
	while (a < a_end && b < b_end) {
		size_t a_len = line_length(a, a_end), b_len = line_length(b, b_end);
		if (a_len != b_len || memcmp(a, b, a_len) != 0)
			fail_msg("found  %.*s\nwanted %.*s", (int)a_len, a, (int)b_len, b);
		a += a_len + 1;
		b += b_len + 1;
	}
	assert_int_equal(strlen(found.data), strlen(expected));
	km_buffer_finish(&found);
	km_buffer_finish(&text);
	free(expected);
}

static void assert_repr(km_str text, const char *expected)
{
	km_buffer found = {0};
	/* ASan finds a read past an exact copy. */
	char *exact = malloc(text.len ? text.len : 1);

	memcpy(exact, text.ptr, text.len);
	km_repr(&found, (km_str){exact, text.len});
	assert_string_equal(found.data, expected);
	km_buffer_finish(&found);
	free(exact);
}

static void quotes_follow_python(void **state)
{
	(void)state;
	assert_repr(KM_STR(""), "''");
	assert_repr(KM_STR("a"), "'a'");
	assert_repr(KM_STR("it's"), "\"it's\"");
	assert_repr(KM_STR("\""), "'\"'");
	assert_repr(KM_STR("'\""), "'\\'\"'");
	assert_repr(KM_STR("\\n"), "'\\\\n'");
	assert_repr(KM_STR("\t\n\r\x1b\x7f"), "'\\t\\n\\r\\x1b\\x7f'");
	assert_repr(KM_STR("a\0b"), "'a\\x00b'");
}

/* bytes.decode("utf-8", "surrogateescape"), all pairs and the cut, overlong and surrogate forms. */
static void bytes_that_are_not_utf8_follow_python(void **state)
{
	static const char tails[][4] = {"",
					"\x80",
					"\xbf",
					"\x80\x80",
					"\xbf\xbf",
					"\x80\x80\x80",
					"a",
					"\x80"
					"a",
					"\x80\x80"
					"a"};
	char *expected = python(
		"for lead in range(1, 256):\n"
		" for second in (0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff):\n"
		"  for tail in (b\"\", b\"\\x80\", b\"\\xbf\", b\"\\x80\\x80\", b\"\\xbf\\xbf\", "
		"b\"\\x80\\x80\\x80\", b\"a\", b\"\\x80a\", b\"\\x80\\x80a\"):\n"
		"   print(repr((bytes((lead, second)) + tail).decode(\"utf-8\", "
		"\"surrogateescape\")))");
	static const unsigned char seconds[] = {0x41, 0x7f, 0x80, 0x8f, 0x90,
						0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	const char *line = expected;

	(void)state;
	for (int lead = 1; lead < 256; lead++) {
		for (size_t s = 0; s < sizeof seconds; s++) {
			for (size_t t = 0; t < sizeof tails / sizeof tails[0]; t++) {
				char text[8];
				int len = snprintf(text, sizeof text, "%c%c%s", lead, seconds[s],
						   tails[t]);
				const char *end = strchr(line, '\n');
				assert_non_null(end);
				char *wanted = strndup(line, (size_t)(end - line));
				assert_repr((km_str){text, (size_t)len}, wanted);
				free(wanted);
				line = end + 1;
			}
		}
	}
	assert_int_equal(*line, '\0');
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_prints_as_python_prints_it),
		cmocka_unit_test(quotes_follow_python),
		cmocka_unit_test(bytes_that_are_not_utf8_follow_python),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
