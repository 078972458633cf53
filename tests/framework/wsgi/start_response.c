/* start_response by PEP 3333 and the field grammar of RFC 9110 section 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "framework/wsgi/start_response.h"

static km_arena arena;
static km_wsgi_response response;

static int set_up(void **state)
{
	(void)state;
	km_wsgi_response_init(&response, &arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	km_arena_finish(&arena);
	return 0;
}

static int start(int status, const km_header *headers, size_t count)
{
	return response.start_response.call(&response.start_response, status, headers, count);
}

static void status_and_headers_are_copied(void **state)
{
	char name[] = "X-A", value[] = "one";
	const km_header headers[] = {{km_str_from(name), km_str_from(value)},
				     {KM_STR("X-B"), KM_STR("")}};

	(void)state;
	assert_int_equal(response.status, 0);
	assert_int_equal(start(201, headers, 2), 0);
	name[0] = value[0] = '?';
	assert_int_equal(response.status, 201);
	assert_int_equal(response.header_count, 2);
	assert_string_equal(response.headers[0].name.ptr, "X-A");
	assert_string_equal(response.headers[0].value.ptr, "one");
	assert_string_equal(response.headers[1].name.ptr, "X-B");
	assert_int_equal(response.headers[1].value.len, 0);
	assert_string_equal(response.headers[1].value.ptr, "");
}

static void header_injection_is_refused(void **state)
{
	static const km_header bad[] = {
		{{"X\r\nY", 4}, {"v", 1}},
		{{"X Y", 3}, {"v", 1}},
		{{"X:", 2}, {"v", 1}},
		{{"", 0}, {"v", 1}},
		{{"X\0Y", 3}, {"v", 1}},
		{{"\xc3\xa9", 2}, {"v", 1}},
		{{"X", 1}, {"a\r\nSet-Cookie: b", 16}},
		{{"X", 1}, {"a\rb", 3}},
		{{"X", 1}, {"a\nb", 3}},
		{{"X", 1}, {"a\0b", 3}},
		{{"X", 1}, {"\x1b[2J", 4}},
		{{"X", 1}, {NULL, 0}},
	};
	static const km_header good = {{"X", 1}, {"kept", 4}};

	(void)state;
	assert_int_equal(start(200, &good, 1), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const km_header headers[] = {good, bad[i]};
		assert_int_equal(start(500, headers, 2), KM_EINVAL);
	}
	assert_int_equal(response.status, 200);
	assert_int_equal(response.header_count, 1);
	assert_string_equal(response.headers[0].value.ptr, "kept");
}

static void a_value_may_hold_tabs_and_high_bytes(void **state)
{
	static const km_header headers[] = {{{"X", 1}, {"a\tb", 3}}, {{"X", 1}, {"\xc3\xa9", 2}}};

	(void)state;
	assert_int_equal(start(200, headers, 2), 0);
}

static void a_status_has_three_digits(void **state)
{
	(void)state;
	assert_int_equal(start(99, NULL, 0), KM_EINVAL);
	assert_int_equal(start(1000, NULL, 0), KM_EINVAL);
	assert_int_equal(start(-200, NULL, 0), KM_EINVAL);
	assert_int_equal(start(100, NULL, 0), 0);
	assert_int_equal(start(999, NULL, 0), 0);
}

static void the_response_can_be_replaced_until_it_is_sent(void **state)
{
	static const km_header header = {{"X", 1}, {"1", 1}};

	(void)state;
	assert_int_equal(start(200, &header, 1), 0);
	assert_int_equal(start(500, NULL, 0), 0);
	assert_int_equal(response.status, 500);
	assert_int_equal(response.header_count, 0);
	response.sent = true;
	assert_int_equal(start(200, NULL, 0), KM_ESTATE);
	assert_int_equal(response.status, 500);
}

static int refuse(km_start_response *self, int status, const km_header *headers, size_t count)
{
	(void)self;
	(void)status;
	(void)headers;
	(void)count;
	return KM_ELIMIT;
}

static void only_the_server_takes_headers_without_a_copy(void **state)
{
	km_header header = {{"X", 1}, {"1", 1}};
	km_start_response middleware = {refuse};

	(void)state;
	assert_int_equal(km_start_response_lend(&response.start_response, 201, &header, 1), 0);
	assert_int_equal(response.status, 201);
	assert_ptr_equal(response.headers, &header);
	assert_int_equal(response.header_count, 1);
	assert_int_equal(km_start_response_lend(&middleware, 200, &header, 1), KM_ELIMIT);
	response.sent = true;
	assert_int_equal(km_start_response_lend(&response.start_response, 200, &header, 1),
			 KM_ESTATE);
	assert_int_equal(response.status, 201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(status_and_headers_are_copied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(header_injection_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_value_may_hold_tabs_and_high_bytes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_status_has_three_digits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_response_can_be_replaced_until_it_is_sent,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_the_server_takes_headers_without_a_copy,
						set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
