/* Bodies and their results, by RFC 9112 sections 6 and 7.1. Tests give them to the decoder, and
 * send them to a server. */
#ifndef KM_TEST_BODY_ROWS_H
#define KM_TEST_BODY_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "framework/http/body_decoder.h"

/* Results of a body, in place of its length. */
enum { MAX = 16, CHUNKED = -1 };

#define END  KM_HTTP_BODY_END
#define MORE KM_HTTP_BODY_MORE

static const struct body_row {
	const char *name;
	int64_t length;
	const char *bytes;
	int result;
	const char *body;
	size_t rest;
} body_rows[] = {
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
	{"data with a byte and LF", CHUNKED, "1\r\nab\n0\r\n\r\n", 400, "a", 7},
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

#endif
