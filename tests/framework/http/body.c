/* The body decoder: what RFC 9112 sections 6 and 7.1 allow, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "framework/base/buffer.h"
#include "framework/http/body_decoder.h"
#include "guarded.h"

enum { MAX = 16, CHUNKED = -1 };

/* Feeds the bytes `step` at a time. Returns the last result; `rest` counts what was not taken. */
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

#define END  KM_HTTP_BODY_END
#define MORE KM_HTTP_BODY_MORE

static const struct row {
	const char *name;
	int64_t length;
	const char *bytes;
	int result;
	const char *body;
	size_t rest;
} rows[] = {
	{"no body", 0, "GET", END, "", 3},
	{"by length", 3, "abcGET", END, "abc", 3},
	{"by length, not complete", 4, "abc", MORE, "abc", 0},
	{"by length at the bound", MAX, "0123456789abcdef", END, "0123456789abcdef", 0},
	{"by length above the bound", MAX + 1, "", 413, "", 0},
	{"by absurd length", INT64_MAX, "", 413, "", 0},
	{"one chunk", CHUNKED, "3\r\nabc\r\n0\r\n\r\nGET", END, "abc", 3},
	{"two chunks", CHUNKED, "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", END, "abc", 0},
	{"hex in both cases, leading zeros", CHUNKED, "00a\r\n0123456789\r\n0000\r\n\r\n", END,
	 "0123456789", 0},
	{"capital hex", CHUNKED, "A\r\n0123456789\r\n0\r\n\r\n", END, "0123456789", 0},
	{"an extension", CHUNKED, "1;a=b;c=\"d\"\r\na\r\n0;x\r\n\r\n", END, "a", 0},
	{"blanks before an extension", CHUNKED, "1 \t;a\r\na\r\n0\r\n\r\n", END, "a", 0},
	{"trailers are dropped", CHUNKED, "0\r\nX: 1\r\nHost: b\r\n\r\nGET", END, "", 3},
	{"not complete", CHUNKED, "3\r\nab", MORE, "ab", 0},
	{"last line missing", CHUNKED, "0\r\n", MORE, "", 0},
	{"chunks above the bound", CHUNKED, "f\r\n0123456789abcde\r\n2\r\n", 413, "0123456789abcde",
	 1},
	{"a chunk of 2^64 - 1", CHUNKED, "ffffffffffffffff\r\n", 413, "", 1},
	{"a size of 17 digits", CHUNKED, "00000000000000001\r\n", 400, "", 3},
	{"a size that overflows", CHUNKED, "10000000000000001\r\n", 400, "", 3},
	{"5\\rX as a size line", CHUNKED, "5\rX", 400, "", 1},
	{"1 zz as a size line", CHUNKED, "1 zz\r\n", 400, "", 4},
	{"a blank behind the size", CHUNKED, "1 \r\na", 400, "", 3},
	{"a blank before the size", CHUNKED, " 1\r\n", 400, "", 4},
	{"no size", CHUNKED, "\r\n", 400, "", 2},
	{"no size but an extension", CHUNKED, ";a\r\n", 400, "", 4},
	{"0x in front", CHUNKED, "0x1\r\n", 400, "", 4},
	{"a sign in front", CHUNKED, "-1\r\n", 400, "", 4},
	{"plus in front", CHUNKED, "+1\r\n", 400, "", 4},
	{"bare LF behind the size", CHUNKED, "1\na", 400, "", 2},
	{"bare LF in an extension", CHUNKED, "1;a\nb\r\n", 400, "", 4},
	{"a control byte in an extension", CHUNKED, "1;a\001\r\n", 400, "", 3},
	{"data without CRLF", CHUNKED, "1\r\nab", 400, "a", 1},
	{"data with bare LF", CHUNKED, "1\r\na\n", 400, "a", 1},
	{"data with bare CR", CHUNKED, "1\r\na\rb", 400, "a", 1},
	{"a trailer without colon", CHUNKED, "0\r\nX\r\n", 400, "", 2},
	{"a trailer without name", CHUNKED, "0\r\n: 1\r\n", 400, "", 5},
	{"a blank before the colon", CHUNKED, "0\r\nX : 1\r\n", 400, "", 6},
	{"a folded trailer", CHUNKED, "0\r\nX: 1\r\n 2\r\n", 400, "", 4},
	{"a trailer with bare LF", CHUNKED, "0\r\nX: 1\n", 400, "", 1},
	{"a control byte in a trailer", CHUNKED, "0\r\nX: \001\r\n", 400, "", 3},
	{"DEL in a trailer", CHUNKED, "0\r\nX: \177\r\n", 400, "", 3},
	{"bare LF at the end", CHUNKED, "0\r\n\n", 400, "", 1},
	{"no CRLF at the end", CHUNKED, "0\r\n\rX", 400, "", 1},
};

static void every_row_has_its_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
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

/* Repeats `unit` behind `start` and returns the last result. */
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

static void what_is_no_body_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(repeated("1;", "x", 8000), KM_HTTP_BODY_MORE);
	assert_int_equal(repeated("1;", "x", 9000), 400);
	/* The bound does not start anew with each chunk. */
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
		cmocka_unit_test(what_is_no_body_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/http/body", tests, NULL, NULL);
}
