/* The body decoder accepts what RFC 9112 sections 6 and 7.1 allow, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "framework/base/buffer.h"
#include "framework/http/body_decoder.h"
#include "tests/framework/http/body_rows.h"
#include "tests/framework/http/guarded.h"

/* Feeds the bytes `step` at a time. Returns the last result. `rest` counts the bytes not taken. */
static int decode(int64_t length, const char *bytes, size_t len, size_t step, km_buffer *body,
		  size_t *rest)
{
	km_http_request request = {.content_length = length, .chunked = length == CHUNKED};
	km_http_body_decoder decoder;
	int result = km_http_body_init(&decoder, &request, MAX);
	size_t at = 0;

	*rest = len;
	if (result)
		return result;
	do {
		size_t size = len - at < step ? len - at : step;
		km_str input = {guarded(bytes + at, size), size}, data;
		while ((result = km_http_body_next(&decoder, &input, &data)) == KM_HTTP_BODY_DATA)
			km_buffer_append(body, data.ptr, data.len);
		at += size - input.len;
	} while (result == KM_HTTP_BODY_MORE && at < len);
	*rest = len - at;
	return result;
}

static void every_row_has_its_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof body_rows / sizeof *body_rows; i++) {
		const struct body_row *row = &body_rows[i];
		size_t len = strlen(row->bytes);
		for (size_t step = 1; step <= len + 1; step++) {
			km_buffer body = {0};
			size_t rest;
			int result = decode(row->length, row->bytes, len, step, &body, &rest);
			if (result != row->result || rest != row->rest ||
			    body.len != strlen(row->body) ||
			    (body.len && memcmp(body.data, row->body, body.len)))
				fail_msg("%s, %zu at a time: %d, rest %zu, %zu bytes", row->name,
					 step, result, rest, body.len);
			km_buffer_finish(&body);
		}
	}
}

/* Repeats `unit` after `start`, and returns the last result. */
static int repeated(const char *start, const char *unit, size_t count)
{
	km_buffer bytes = {0}, body = {0};
	size_t rest;

	km_buffer_text(&bytes, start);
	for (size_t i = 0; i < count; i++)
		km_buffer_text(&bytes, unit);
	int result = decode(CHUNKED, bytes.data, bytes.len, 4096, &body, &rest);
	km_buffer_finish(&bytes);
	km_buffer_finish(&body);
	return result;
}

static void framing_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(repeated("1;", "x", 8000), KM_HTTP_BODY_MORE);
	assert_int_equal(repeated("1;", "x", 9000), 400);
	/* The bound holds for all chunks together. */
	assert_int_equal(repeated("", "1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n", 16),
			 KM_HTTP_BODY_MORE);
	assert_int_equal(repeated("0\r\n", "X: 1\r\n", 100), KM_HTTP_BODY_MORE);
	assert_int_equal(repeated("0\r\n", "X: 1\r\n", 101), 431);
	assert_int_equal(repeated("0\r\nX: ", "1", 9000), 431);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_result),
		cmocka_unit_test(framing_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/http/body", tests, NULL, NULL);
}
