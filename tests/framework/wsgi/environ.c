/* Expected values: PEP 3333 ("environ Variables"), RFC 9110 section 5.3, RFC 3875 section 4.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "framework/wsgi/environ.h"

static km_header headers[] = {
	{{"Host", 4}, {"bats.example", 12}},
	{{"X-Tag", 5}, {"one", 3}},
	{{"Content-Type", 12}, {"text/plain", 10}},
	{{"x-tag", 5}, {"", 0}},
	{{"Content-Length", 14}, {"4", 1}},
	{{"X_Forwarded_For", 15}, {"spoofed", 7}},
	{{"X-TAG", 5}, {"three", 5}},
	{{"Proxy_Auth", 10}, {"spoofed", 7}},
};

static const km_http_request request = {
	.method = {"POST", 4},
	.target = {"/a%20b?c=d", 10},
	.path = {"/a b", 4},
	.query = {"c=d", 3},
	.minor = 1,
	.headers = headers,
	.header_count = sizeof headers / sizeof headers[0],
	.content_length = 4,
	.body = {"echo", 4},
};

static const km_wsgi_server server = {
	.name = {"127.0.0.1", 9},
	.port = {"5000", 4},
	.remote_addr = {"127.0.0.9", 9},
	.remote_port = {"61000", 5},
	.multiprocess = true,
};

static km_arena arena;
static km_environ environ_;

static int set_up(void **state)
{
	(void)state;
	km_environ_init(&environ_, &request, &server, &arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	km_arena_finish(&arena);
	return 0;
}

static void assert_value(const char *name, const char *expected)
{
	km_str value = km_environ_get(&environ_, name);

	assert_non_null(value.ptr);
	assert_string_equal(value.ptr, expected);
	assert_int_equal(value.len, strlen(expected));
}

static void every_variable_of_pep_3333_exists(void **state)
{
	(void)state;
	assert_value("REQUEST_METHOD", "POST");
	assert_value("SCRIPT_NAME", "");
	assert_value("PATH_INFO", "/a b");
	assert_value("QUERY_STRING", "c=d");
	assert_value("CONTENT_TYPE", "text/plain");
	assert_value("CONTENT_LENGTH", "4");
	assert_value("SERVER_NAME", "127.0.0.1");
	assert_value("SERVER_PORT", "5000");
	assert_value("SERVER_PROTOCOL", "HTTP/1.1");
	assert_value("REMOTE_ADDR", "127.0.0.9");
	assert_value("REMOTE_PORT", "61000");
	assert_value("HTTP_HOST", "bats.example");
	assert_value("wsgi.version", "1.0");
	assert_value("wsgi.url_scheme", "http");
	assert_value("wsgi.multithread", "0");
	assert_value("wsgi.multiprocess", "1");
	assert_value("wsgi.run_once", "0");
}

static void a_variable_without_a_header_is_absent(void **state)
{
	const km_http_request bare = {.method = {"GET", 3}, .path = {"/", 1}, .body = {"", 0}};
	const km_wsgi_server unix_socket = {.name = {"x", 1}, .port = {"0", 1}};
	const char *absent[] = {"CONTENT_TYPE",
				"CONTENT_LENGTH",
				"REMOTE_ADDR",
				"REMOTE_PORT",
				"HTTP_HOST",
				"HTTP_",
				"",
				"komori.route"};

	(void)state;
	km_environ_init(&environ_, &bare, &unix_socket, &arena);
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		assert_null(km_environ_get(&environ_, absent[i]).ptr);
	assert_value("QUERY_STRING", "");
	assert_value("SERVER_PROTOCOL", "HTTP/1.0");
}

static void headers_of_one_name_are_joined(void **state)
{
	(void)state;
	assert_value("HTTP_X_TAG", "one,,three");
	/* and joined only once */
	assert_ptr_equal(km_environ_get(&environ_, "HTTP_X_TAG").ptr,
			 km_environ_get(&environ_, "HTTP_X_TAG").ptr);
}

static void content_headers_have_one_name_only(void **state)
{
	(void)state;
	assert_null(km_environ_get(&environ_, "HTTP_CONTENT_TYPE").ptr);
	assert_null(km_environ_get(&environ_, "HTTP_CONTENT_LENGTH").ptr);
}

static void a_name_with_underscore_cannot_pass_for_another(void **state)
{
	(void)state;
	assert_null(km_environ_get(&environ_, "HTTP_X_FORWARDED_FOR").ptr);
	assert_null(km_environ_get(&environ_, "HTTP_PROXY_AUTH").ptr);
}

static void a_variable_can_be_set_and_replaced(void **state)
{
	char value[] = "first";

	(void)state;
	assert_int_equal(km_environ_set(&environ_, "x.mine", km_str_from(value)), 0);
	value[0] = 'X';
	assert_value("x.mine", "first");
	assert_int_equal(km_environ_set(&environ_, "x.mine", KM_STR("second")), 0);
	assert_value("x.mine", "second");
	assert_int_equal(km_environ_set(&environ_, "PATH_INFO", KM_STR("/other")), 0);
	assert_value("PATH_INFO", "/other");
	assert_int_equal(km_environ_set(&environ_, "HTTP_X_TAG", KM_STR("mine")), 0);
	assert_value("HTTP_X_TAG", "mine");
	assert_int_equal(km_environ_set(&environ_, NULL, KM_STR("")), KM_EINVAL);
	assert_int_equal(km_environ_set(&environ_, "x", (km_str){NULL, 0}), KM_EINVAL);
}

static int collect(void *context, km_str name, km_str value)
{
	char *text = context;

	snprintf(text + strlen(text), 2048 - strlen(text), "%s=%s\n", name.ptr, value.ptr);
	return 0;
}

static void each_visits_every_variable_once_in_order(void **state)
{
	static char text[2048];

	(void)state;
	km_environ_get(&environ_, "HTTP_X_TAG");
	km_environ_set(&environ_, "b.mine", KM_STR("1"));
	km_environ_set(&environ_, "a.mine", KM_STR("2"));
	km_environ_set(&environ_, "SCRIPT_NAME", KM_STR("/app"));
	km_environ_set(&environ_, "HTTP_HOST", KM_STR("mine"));
	km_environ_set_pointer(&environ_, "c.pointer", text);
	assert_int_equal(km_environ_each(&environ_, collect, text), 0);
	assert_string_equal(text, "REQUEST_METHOD=POST\nPATH_INFO=/a b\nQUERY_STRING=c=d\n"
				  "CONTENT_TYPE=text/plain\nCONTENT_LENGTH=4\n"
				  "SERVER_NAME=127.0.0.1\nSERVER_PORT=5000\n"
				  "SERVER_PROTOCOL=HTTP/1.1\nREMOTE_ADDR=127.0.0.9\n"
				  "REMOTE_PORT=61000\nwsgi.version=1.0\nwsgi.url_scheme=http\n"
				  "wsgi.multithread=0\nwsgi.multiprocess=1\nwsgi.run_once=0\n"
				  "HTTP_X_TAG=one,,three\n"
				  "b.mine=1\na.mine=2\nSCRIPT_NAME=/app\nHTTP_HOST=mine\n");
}

static int stop_at_port(void *context, km_str name, km_str value)
{
	(void)value;
	++*(int *)context;
	return km_str_equal(name, KM_STR("SERVER_PORT")) ? 42 : 0;
}

static void a_visitor_can_end_the_walk(void **state)
{
	int visited = 0;

	(void)state;
	assert_int_equal(km_environ_each(&environ_, stop_at_port, &visited), 42);
	assert_int_equal(visited, 8);
}

static void pointers_have_names_of_their_own(void **state)
{
	int thing;

	(void)state;
	assert_null(km_environ_pointer(&environ_, "PATH_INFO"));
	assert_int_equal(km_environ_set_pointer(&environ_, "x.thing", &thing), 0);
	assert_ptr_equal(km_environ_pointer(&environ_, "x.thing"), &thing);
	assert_null(km_environ_get(&environ_, "x.thing").ptr);
	assert_int_equal(km_environ_set_pointer(&environ_, NULL, &thing), KM_EINVAL);
}

static void the_body_is_read_in_pieces(void **state)
{
	char bytes[8];

	(void)state;
	assert_int_equal(km_environ_read(&environ_, bytes, 3), 3);
	assert_memory_equal(bytes, "ech", 3);
	assert_int_equal(km_environ_read(&environ_, bytes, 0), 0);
	assert_int_equal(km_environ_read(&environ_, bytes, 8), 1);
	assert_memory_equal(bytes, "o", 1);
	assert_int_equal(km_environ_read(&environ_, bytes, 8), 0);
}

static void memory_is_zeroed(void **state)
{
	(void)state;
	char *bytes = km_environ_alloc(&environ_, 1000);

	assert_non_null(bytes);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_variable_of_pep_3333_exists, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_variable_without_a_header_is_absent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(headers_of_one_name_are_joined, set_up, tear_down),
		cmocka_unit_test_setup_teardown(content_headers_have_one_name_only, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_name_with_underscore_cannot_pass_for_another,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_variable_can_be_set_and_replaced, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_visits_every_variable_once_in_order, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_visitor_can_end_the_walk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pointers_have_names_of_their_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_body_is_read_in_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_is_zeroed, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
