/* The request head, from bytes to a request: one row for each rule of RFC 9112 that http-parser
 * does not keep by itself, and for each bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "framework/http/field.h"
#include "framework/http/head_parser.h"
#include "framework/http/head_scan.h"
#include "framework/http/percent.h"
#include "tests/framework/http/guarded.h"
#include "tests/framework/http/head_rows.h"

static const km_http_limits limits = {.request_line = 8192, .headers = 16384, .header_count = 100};

/* Scans as the bytes come in, `step` at a time, and parses the complete head. Returns 0, a status,
 * or -1 when the head is not complete. */
static int read_head(const char *bytes, size_t len, size_t step, km_arena *arena,
		     km_http_request *request)
{
	km_http_head_scan scan = {0};
	int status = -1;

	for (size_t have = 0; have < len && status < 0;) {
		have = have + step < len ? have + step : len;
		status = km_http_head_scan_bytes(&scan, guarded(bytes, have), have, &limits);
	}
	if (status)
		return status;
	size_t size = scan.line - scan.start;
	char *head = guarded(bytes + scan.start, size);
	return km_http_head_parse(head, &scan, arena, request);
}

static void every_row_has_its_status(void **state)
{
	(void)state;
	const size_t steps[] = {SIZE_MAX / 2, 1, 2, 7};
	km_http_request request;

	for (size_t i = 0; i < sizeof head_rows / sizeof *head_rows; i++) {
		size_t len = head_rows[i].len ? head_rows[i].len : strlen(head_rows[i].bytes);
		for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
			km_arena arena = {0};
			int status = read_head(head_rows[i].bytes, len, steps[s], &arena, &request);
			if (status != head_rows[i].status)
				fail_msg("%s, %zu at a time: %d, not %d", head_rows[i].name,
					 steps[s], status, head_rows[i].status);
			km_arena_finish(&arena);
		}
	}
}

static km_http_request parsed(const char *bytes, km_arena *arena)
{
	km_http_request request;

	assert_int_equal(read_head(bytes, strlen(bytes), SIZE_MAX / 2, arena, &request), 0);
	return request;
}

static void a_request_comes_out_in_terminated_parts(void **state)
{
	(void)state;
	km_arena arena = {0};
	km_http_request request = parsed("POST /a%20b/%2F%ff?q=%41&x HTTP/1.1\r\nHost: h:1\r\n"
					 "Empty:\r\nX-One:  two words \t\r\n"
					 "Content-Length: 12\r\n\r\n",
					 &arena);

	assert_string_equal(request.method.ptr, "POST");
	assert_string_equal(request.target.ptr, "/a%20b/%2F%ff?q=%41&x");
	assert_string_equal(request.path.ptr, "/a b//\xff");
	assert_int_equal(request.path.len, 7);
	assert_string_equal(request.query.ptr, "q=%41&x");
	assert_int_equal(request.minor, 1);
	assert_int_equal(request.header_count, 4);
	assert_string_equal(request.headers[2].name.ptr, "X-One");
	assert_string_equal(request.headers[2].value.ptr, "two words");
	assert_string_equal(km_http_request_header(&request, "empty").ptr, "");
	assert_null(km_http_request_header(&request, "x-on").ptr);
	assert_int_equal(request.content_length, 12);
	assert_true(request.keep_alive);
	assert_false(request.chunked);
	assert_non_null(request.body.ptr);
	km_arena_finish(&arena);
}

static void a_query_may_be_absent_or_empty(void **state)
{
	(void)state;
	km_arena arena = {0};

	assert_null(parsed(ROW_GET "\r\n", &arena).query.ptr);
	km_http_request request = parsed("GET /p? HTTP/1.0\r\n\r\n", &arena);
	assert_string_equal(request.query.ptr, "");
	assert_string_equal(request.path.ptr, "/p");
	assert_string_equal(request.target.ptr, "/p?");
	km_arena_finish(&arena);
}

static void an_absolute_target_overrides_host(void **state)
{
	(void)state;
	km_arena arena = {0};
	km_http_request request = parsed("GET http://b:8?q HTTP/1.1\r\nHost: a\r\n\r\n", &arena);

	assert_string_equal(request.target.ptr, "/?q");
	assert_string_equal(request.path.ptr, "/");
	assert_string_equal(request.query.ptr, "q");
	assert_string_equal(km_http_request_header(&request, "host").ptr, "b:8");
	request = parsed("GET HTTPS://c/d HTTP/1.0\r\n\r\n", &arena);
	assert_string_equal(request.target.ptr, "/d");
	assert_string_equal(km_http_request_header(&request, "Host").ptr, "c");
	km_arena_finish(&arena);
}

static void keep_alive_follows_version_and_connection(void **state)
{
	(void)state;
	const struct {
		const char *bytes;
		bool keep;
	} cases[] = {
		{ROW_GET "\r\n", true},
		{ROW_GET "Connection: close\r\n\r\n", false},
		{ROW_GET "Connection: x, CLOSE\r\n\r\n", false},
		{ROW_GET "Connection: closed\r\n\r\n", true},
		{ROW_GET "Connection: keep-alive\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		km_arena arena = {0};
		assert_int_equal(parsed(cases[i].bytes, &arena).keep_alive, cases[i].keep);
		km_arena_finish(&arena);
	}
}

static const char *const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz";
/* RFC 3986 section 3.2: unreserved, sub-delims, "%", and what brackets and ports need. */
static const char *const host_bytes = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz!$&'()*+,;=%:[]";
/* Visible ASCII without "#"; and "%" only before two hexadecimal digits, which "z" is not. */
static const char *const target_bytes = "!\"$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/* Tries texts of "z" with one other byte between `before` and `behind`: every byte, at every place,
 * in texts of many lengths, because the scan reads 16 bytes at once. */
static void only_these(const char *before, const char *behind, const char *allowed)
{
	static const size_t lengths[] = {1,  2,	 3,  4,	 5,  7,	 8,  9, 12,
					 15, 16, 17, 20, 31, 32, 33, 47};
	char bytes[256];

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (size_t at = 0; at < lengths[i] << 8; at++) {
			unsigned char byte = at & 0xff;
			size_t place = strlen(before), len = place + lengths[i] + strlen(behind);
			km_http_request request;
			km_arena arena = {0};
			if (strchr("\r\n:", byte) && byte && !strchr(allowed, byte))
				continue; /* the message would be another one */
			memcpy(bytes, before, place);
			memset(bytes + place, 'z', lengths[i]);
			bytes[place + (at >> 8)] = (char)byte;
			memcpy(bytes + place + lengths[i], behind, strlen(behind) + 1);
			int status = read_head(bytes, len, SIZE_MAX / 2, &arena, &request);
			bool good = byte && strchr(allowed, byte);
			if ((status == 0) != good)
				fail_msg("byte %d at %zu of %zu behind '%s': %d", byte, at >> 8,
					 lengths[i], before, status);
			km_arena_finish(&arena);
		}
	}
}

static void names_hosts_and_targets_hold_only_their_bytes(void **state)
{
	(void)state;
	only_these(ROW_GET, ": 1\r\n\r\n", tchars);
	/* Blanks at the ends are not part of a value. */
	only_these("GET / HTTP/1.1\r\nHost:z", "z\r\n\r\n", host_bytes);
	only_these("GET /", " HTTP/1.1\r\nHost: a\r\n\r\n", target_bytes);
}

static void only_text_makes_a_value(void **state)
{
	(void)state;
	km_http_request request;

	for (int byte = 0; byte < 256; byte++) {
		char bytes[64] = ROW_GET "X: 1?1\r\n\r\n";
		size_t len = strlen(bytes);
		km_arena arena = {0};
		*strchr(bytes, '?') = (char)byte;
		int status = read_head(bytes, len, SIZE_MAX / 2, &arena, &request);
		bool text = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
		if ((status == 0) != text)
			fail_msg("byte %d in a value: %d", byte, status);
		km_arena_finish(&arena);
	}
}

/* GET with a target of `target` bytes, `count` fields and a field whose value is `value` bytes. */
static int sized(size_t target, size_t count, size_t value)
{
	static char bytes[200000];
	size_t len = 0;
	km_http_request request;
	km_arena arena = {0};

	len += (size_t)snprintf(bytes, sizeof bytes, "GET /");
	memset(bytes + len, 'a', target - 1);
	len += target - 1;
	len += (size_t)snprintf(bytes + len, 64, " HTTP/1.1\r\nHost: a\r\n");
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(bytes + len, 64, "X: 1\r\n");
	len += (size_t)snprintf(bytes + len, 64, "Y: ");
	memset(bytes + len, 'b', value);
	len += value;
	len += (size_t)snprintf(bytes + len, 64, "\r\n\r\n");
	int status = read_head(bytes, len, SIZE_MAX / 2, &arena, &request);
	km_arena_finish(&arena);
	return status;
}

static void the_bounds_hold_to_the_byte(void **state)
{
	(void)state;
	const size_t around = sizeof "GET  HTTP/1.1" - 1;
	const size_t fields = sizeof "Host: a\r\nY: \r\n\r\n" - 1;

	assert_int_equal(sized(8192 - around, 0, 1), 0);
	assert_int_equal(sized(8192 - around + 1, 0, 1), 414);
	assert_int_equal(sized(1, 0, 16384 - fields), 0);
	assert_int_equal(sized(1, 0, 16384 - fields + 1), 431);
	assert_int_equal(sized(1, 98, 1), 0);
	assert_int_equal(sized(1, 99, 1), 431);
}

#define TEN   "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void long_values_come_out_whole(void **state)
{
	(void)state;
	km_arena arena = {0};
	km_http_request request =
		parsed(ROW_GET "A: " SIXTY "\r\nB:\t " SIXTY " b \t\r\nC:" SIXTY "\r\nD: d\r\n"
			       "E: " SIXTY SIXTY "\r\nF:" TEN TEN TEN TEN "   " TEN "\r\n"
			       "G: " SIXTY "g\r\nH:                                        "
			       "                    \r\nConnection: " SIXTY ", close\r\n\r\n",
		       &arena);

	assert_int_equal(request.header_count, 10);
	assert_string_equal(request.headers[1].value.ptr, SIXTY);
	assert_string_equal(request.headers[2].value.ptr, SIXTY " b");
	assert_string_equal(request.headers[3].value.ptr, SIXTY);
	assert_string_equal(request.headers[4].value.ptr, "d");
	assert_string_equal(request.headers[5].value.ptr, SIXTY SIXTY);
	assert_string_equal(request.headers[6].value.ptr, TEN TEN TEN TEN "   " TEN);
	assert_string_equal(request.headers[7].name.ptr, "G");
	assert_string_equal(request.headers[7].value.ptr, SIXTY "g");
	assert_string_equal(request.headers[8].value.ptr, "");
	assert_false(request.keep_alive);
	km_arena_finish(&arena);
}

/* Parses numbered fields; the value of field `long_one` has 90001 bytes, more than http-parser's
 * own limit of 80 KiB for a head. */
static void check_numbered(size_t count, size_t long_one)
{
	static char bytes[200000];
	const km_http_limits wide = {
		.request_line = 80, .headers = sizeof bytes, .header_count = 99};
	size_t len = (size_t)snprintf(bytes, sizeof bytes, "\r\nGET / HTTP/1.0\r\n");
	km_http_head_scan scan = {0};
	km_http_request request;
	km_arena arena = {0};
	char text[32];

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(bytes + len, sizeof bytes - len, "N%zu: v%*zu\r\n", i,
					i == long_one ? 90000 : 1, i);
	len += (size_t)snprintf(bytes + len, sizeof bytes - len, "\r\n");
	assert_int_equal(km_http_head_scan_bytes(&scan, bytes, len, &wide), 0);
	char *head = guarded(bytes + scan.start, scan.line - scan.start);
	assert_int_equal(km_http_head_parse(head, &scan, &arena, &request), 0);
	assert_int_equal(request.header_count, count);
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof text, "N%zu", i);
		assert_string_equal(request.headers[i].name.ptr, text);
		snprintf(text, sizeof text, "%zu", i);
		km_str value = request.headers[i].value;
		assert_int_equal(value.ptr[0], 'v');
		assert_string_equal(value.ptr + value.len - strlen(text), text);
		if (i == long_one)
			assert_int_equal(value.len, 1 + 90000);
	}
	km_arena_finish(&arena);
}

static void many_and_long_fields_come_out_whole(void **state)
{
	(void)state;
	check_numbered(99, SIZE_MAX);
	for (size_t i = 0; i < 4; i++)
		check_numbered(4, i);
}

static void a_long_line_is_refused_before_its_end(void **state)
{
	(void)state;
	static char line[20000];
	km_http_head_scan scan = {0};
	int status = -1;
	size_t len = 0;

	memset(line, 'a', sizeof line);
	while (status < 0 && len < sizeof line)
		status = km_http_head_scan_bytes(&scan, line, ++len, &limits);
	assert_int_equal(status, 414);
	assert_int_equal(len, 8192 + 3);
}

static void a_length_has_63_bits(void **state)
{
	(void)state;
	int64_t number = 0;

	assert_true(km_http_parse_length(KM_STR("9223372036854775807"), &number));
	assert_true(number == INT64_MAX);
	assert_false(km_http_parse_length(KM_STR("9223372036854775808"), &number));
	assert_false(km_http_parse_length(KM_STR("92233720368547758079"), &number));
	assert_false(km_http_parse_length(KM_STR(""), &number));
	assert_false(km_http_parse_length(KM_STR("1x"), &number));
}

/* The text ends at the end of a page: reading past a cut escape would fault. */
static void escapes_are_decoded_in_place(void **state)
{
	(void)state;
	const char *cut[] = {"%", "a%4", "%4g", "%g4", "%00"};

	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		char *text = guarded(cut[i], strlen(cut[i]));
		assert_int_equal(km_http_percent_decode((km_str){text, strlen(cut[i])}, text),
				 KM_EINVAL);
	}
	char *text = guarded("%41%4a%FF", 9);
	assert_int_equal(km_http_percent_decode((km_str){text, 9}, text), 3);
	assert_memory_equal(text, "AJ\xff", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_status),
		cmocka_unit_test(a_request_comes_out_in_terminated_parts),
		cmocka_unit_test(a_query_may_be_absent_or_empty),
		cmocka_unit_test(an_absolute_target_overrides_host),
		cmocka_unit_test(keep_alive_follows_version_and_connection),
		cmocka_unit_test(names_hosts_and_targets_hold_only_their_bytes),
		cmocka_unit_test(only_text_makes_a_value),
		cmocka_unit_test(long_values_come_out_whole),
		cmocka_unit_test(many_and_long_fields_come_out_whole),
		cmocka_unit_test(the_bounds_hold_to_the_byte),
		cmocka_unit_test(a_length_has_63_bits),
		cmocka_unit_test(escapes_are_decoded_in_place),
		cmocka_unit_test(a_long_line_is_refused_before_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/http/head", tests, NULL, NULL);
}
