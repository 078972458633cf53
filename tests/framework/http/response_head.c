#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "framework/http/response_head.h"
#include "framework/http/status.h"
#include "tests/framework/http/guarded.h"

/* Returns the head, written into a buffer of exactly the bound at the end of a page. */
static const char *written(const km_http_response_head *head)
{
	static char text[1024];
	char zeros[1024] = {0};
	size_t bound = km_http_response_head_bound(head);

	assert_true(bound <= sizeof zeros);
	char *out = guarded(zeros, bound);
	size_t len = km_http_response_head_write(head, out);
	assert_true(len <= bound);
	memcpy(text, out, len);
	text[len] = '\0';
	return text;
}

static void the_head_has_the_fields_of_server_and_application(void **state)
{
	(void)state;
	const km_header fields[] = {
		{KM_STR("Content-Type"), KM_STR("text/plain")},
		{KM_STR("X"), KM_STR("")},
	};

	assert_string_equal(
		written(&(km_http_response_head){.status = 200,
						 .fields = fields,
						 .count = 2,
						 .content_length = 0,
						 .date = "Sun, 06 Nov 1994 08:49:37 GMT"}),
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX: \r\n"
		"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n");
	assert_string_equal(
		written(&(km_http_response_head){.status = 404,
						 .content_length = -1,
						 .chunked = true,
						 .connection = KM_HTTP_CONNECTION_KEEP_ALIVE}),
		"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n"
		"Connection: keep-alive\r\n\r\n");
	assert_string_equal(
		written(&(km_http_response_head){.status = 999,
						 .content_length = INT64_MAX,
						 .connection = KM_HTTP_CONNECTION_CLOSE}),
		"HTTP/1.1 999 Unknown\r\nContent-Length: 9223372036854775807\r\n"
		"Connection: close\r\n\r\n");
}

static void the_bound_holds_for_every_status(void **state)
{
	(void)state;
	for (int status = 100; status < 1000; status++)
		written(&(km_http_response_head){.status = status,
						 .content_length = INT64_MAX,
						 .chunked = true,
						 .connection = KM_HTTP_CONNECTION_KEEP_ALIVE,
						 .date = "Sun, 06 Nov 1994 08:49:37 GMT"});
}

static void a_chunk_size_is_hex(void **state)
{
	(void)state;
	const struct {
		uint64_t size;
		const char *text;
	} cases[] = {{0, "0\r\n"},
		     {15, "f\r\n"},
		     {16, "10\r\n"},
		     {4096, "1000\r\n"},
		     {UINT64_MAX, "ffffffffffffffff\r\n"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[KM_HTTP_CHUNK_SIZE_MAX];
		size_t len = km_http_chunk_size_write(cases[i].size, out);
		assert_int_equal(len, strlen(cases[i].text));
		assert_memory_equal(out, cases[i].text, len);
	}
}

/* The example of RFC 9110 section 5.6.7, a leap day, and both ends of a year. */
static void dates_are_imf_fixdate(void **state)
{
	(void)state;
	km_http_date date = {0};

	assert_string_equal(km_http_date_at(&date, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(km_http_date_at(&date, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(km_http_date_at(&date, 1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
	assert_string_equal(km_http_date_at(&date, 1735689599), "Tue, 31 Dec 2024 23:59:59 GMT");
	assert_string_equal(km_http_date_at(&date, 1735689600), "Wed, 01 Jan 2025 00:00:00 GMT");
	date = (km_http_date){0};
	assert_string_equal(km_http_date_at(&date, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

/* RFC 9112 section 6.3, RFC 9110 section 15.3.6. */
static void some_statuses_have_no_content(void **state)
{
	(void)state;
	const int without[] = {100, 101, 199, 204, 205, 304}, with[] = {200, 206, 302, 404, 500};

	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		assert_false(km_http_status_has_content(without[i]));
	for (size_t i = 0; i < sizeof with / sizeof *with; i++)
		assert_true(km_http_status_has_content(with[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_has_the_fields_of_server_and_application),
		cmocka_unit_test(the_bound_holds_for_every_status),
		cmocka_unit_test(a_chunk_size_is_hex),
		cmocka_unit_test(dates_are_imf_fixdate),
		cmocka_unit_test(some_statuses_have_no_content),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/http/response_head", tests, NULL, NULL);
}
