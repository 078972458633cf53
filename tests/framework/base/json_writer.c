/* The writer of JSON. Expected texts: RFC 8259, and Python's json.dumps for numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "framework/base/json_writer.h"

static km_buffer buffer;
static km_json_writer json;

static int set_up(void **state)
{
	(void)state;
	json = (km_json_writer){.out = &buffer};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	km_buffer_finish(&buffer);
	return 0;
}

static void check(const char *expected)
{
	assert_int_equal(buffer.len, strlen(expected));
	assert_memory_equal(buffer.data, expected, buffer.len);
	km_buffer_clear(&buffer);
	json = (km_json_writer){.out = &buffer};
}

static void commas_stand_between_values(void **state)
{
	(void)state;
	km_json_object(&json);
	km_json_key(&json, "empty");
	km_json_object(&json);
	km_json_object_end(&json);
	km_json_key(&json, "list");
	km_json_array(&json);
	km_json_array(&json);
	km_json_array_end(&json);
	km_json_unsigned(&json, 1);
	km_json_integer(&json, -2);
	km_json_double(&json, 0.5);
	km_json_bool(&json, true);
	km_json_bool(&json, false);
	km_json_null(&json);
	km_json_text(&json, "a");
	km_json_text(&json, NULL);
	km_json_object(&json);
	km_json_key(&json, "b");
	km_json_str(&json, KM_STR("cd"));
	km_json_object_end(&json);
	km_json_array_end(&json);
	km_json_key(&json, "last");
	km_json_null(&json);
	km_json_object_end(&json);
	check("{\"empty\":{},\"list\":[[],1,-2,0.5,true,false,null,\"a\",null,{\"b\":\"cd\"}],"
	      "\"last\":null}");
}

static void a_buffer_may_be_cleared_between_values(void **state)
{
	(void)state;
	km_json_array(&json);
	km_json_unsigned(&json, 1);
	km_buffer_clear(&buffer);
	km_json_unsigned(&json, 2);
	assert_int_equal(buffer.len, 2);
	assert_memory_equal(buffer.data, ",2", 2);
	km_buffer_clear(&buffer);
	km_json_array_end(&json);
	check("]");
}

static void integers_have_all_their_digits(void **state)
{
	(void)state;
	km_json_unsigned(&json, 0);
	km_json_unsigned(&json, UINT64_MAX);
	km_json_integer(&json, INT64_MAX);
	km_json_integer(&json, INT64_MIN);
	km_json_integer(&json, -1);
	check("0,18446744073709551615,9223372036854775807,-9223372036854775808,-1");
}

static void doubles_read_back_and_are_finite(void **state)
{
	(void)state;
	const struct {
		double value;
		const char *expected;
	} cases[] = {
		{0, "0"},
		{-0.0, "-0"},
		{1e-7, "1e-07"},
		{0.1, "0.1"},
		{0.1 + 0.2, "0.30000000000000004"},
		{2.0 / 3, "0.66666666666666663"},
		{1234567890123456, "1234567890123456"},
		{5e-324, "4.94065645841247e-324"},
		{DBL_MAX, "1.7976931348623157e+308"},
		{HUGE_VAL, "1.7976931348623157e+308"},
		{-HUGE_VAL, "-1.7976931348623157e+308"},
		{(double)NAN, "0"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		km_json_double(&json, cases[i].value);
		check(cases[i].expected);
	}
}

static void strings_are_escaped_where_json_and_html_need_it(void **state)
{
	(void)state;
	const struct {
		km_str text;
		const char *expected;
	} cases[] = {
		{KM_STR(""), "\"\""},
		{KM_STR("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
		{KM_STR("\0\x01\b\t\n\x1f\x7f"),
		 "\"\\u0000\\u0001\\u0008\\u0009\\u000a\\u001f\\u007f\""},
		{KM_STR("</script>"), "\"\\u003c/script>\""},
		{KM_STR("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\""},
		{KM_STR("\xc3\xa9 \xf0\x9f\xa6\x87"), "\"\xc3\xa9 \xf0\x9f\xa6\x87\""},
		{KM_STR("\xff"
			"a\xc3"),
		 "\"\\ufffd"
		 "a\\ufffd\""},
		{KM_STR("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\""}, /* a surrogate */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		km_json_str(&json, cases[i].text);
		check(cases[i].expected);
	}
}

static void a_failure_of_the_buffer_stays(void **state)
{
	(void)state;
	buffer.failed = 1;
	km_json_array(&json);
	km_json_unsigned(&json, 1);
	km_json_double(&json, 0.5);
	km_json_text(&json, "a");
	km_json_array_end(&json);
	assert_int_equal(buffer.failed, 1);
	assert_int_equal(buffer.len, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commas_stand_between_values),
		TEST(a_buffer_may_be_cleared_between_values),
		TEST(integers_have_all_their_digits),
		TEST(doubles_read_back_and_are_finite),
		TEST(strings_are_escaped_where_json_and_html_need_it),
		TEST(a_failure_of_the_buffer_stays),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/base/json_writer", tests, NULL, NULL);
}
