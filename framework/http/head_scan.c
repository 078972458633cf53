#include "framework/http/head_scan.h"

#include "framework/http/field.h"
#include "framework/http/text_run.h"

enum { MORE = -1, COMPLETE = 0 };

/* A line starts like a method or a field name. A blank would fold the line (RFC 9112 section 5.2);
 * any other byte is not HTTP, such as a TLS greeting. */
static bool starts_line(char byte)
{
	return byte == '\r' || km_http_tchar[(unsigned char)byte];
}

static bool is_line_end(const char *at, const char *end)
{
	return end - at >= 2 && memcmp(at, "\r\n", 2) == 0;
}

/* Judges the incomplete line, whose text ends at `stop` without CRLF. At most `room` bytes may
 * follow `from`, CRLF included; `too_long` is the status for more. */
static int take_rest(const char *stop, const char *end, const char *from, size_t room, int too_long)
{
	bool cr = stop < end && *stop == '\r';
	/* The byte that stopped the text counts, and after a CR the byte that must be the LF. */
	const char *behind = stop + (cr && end - stop > 1 ? 2 : stop < end);

	if ((size_t)(behind - from) > room)
		return too_long;
	return stop == end || (cr && end - stop == 1) ? MORE : 400;
}

/* Scans the request line, and an empty line before it (RFC 9112 section 2.2). */
static int scan_request_line(km_http_head_scan *scan, const char *bytes, const char *end,
			     const km_http_limits *limits)
{
	while (bytes + scan->line < end) {
		const char *line = bytes + scan->line;
		/* The checks follow the order of the bytes, so that a message in pieces gets the
		 * status of the whole. */
		if (!starts_line(*line))
			return 400;
		const char *stop = km_http_text_end(line, end);
		if (!is_line_end(stop, end))
			return take_rest(stop, end, line, limits->request_line + 2, 414);
		if ((size_t)(stop - line) > limits->request_line)
			return 414;
		scan->line = (size_t)(stop + 2 - bytes);
		if (stop > line) {
			scan->headers = scan->line;
			return MORE;
		}
		if (scan->start)
			return 400; /* a second empty line */
		scan->start = scan->line;
	}
	return MORE;
}

static int scan_fields(km_http_head_scan *scan, const char *bytes, const char *end,
		       const km_http_limits *limits)
{
	const char *line = bytes + scan->line, *headers = bytes + scan->headers;
	int status = MORE;

	while (line < end && status == MORE) {
		if (!starts_line(*line))
			return 400;
		const char *stop = km_http_text_end(line, end);
		if (!is_line_end(stop, end)) {
			status = take_rest(stop, end, headers, limits->headers, 431);
			break;
		}
		if ((size_t)(stop + 2 - headers) > limits->headers)
			return 431;
		if (stop == line)
			status = COMPLETE;
		else if (scan->fields++ == limits->header_count)
			return 431;
		line = stop + 2;
	}
	scan->line = (size_t)(line - bytes);
	return status;
}

int km_http_head_scan_bytes(km_http_head_scan *scan, const char *bytes, size_t len,
			    const km_http_limits *limits)
{
	if (!scan->headers) {
		int status = scan_request_line(scan, bytes, bytes + len, limits);
		if (status != MORE || !scan->headers)
			return status;
	}
	return scan_fields(scan, bytes, bytes + len, limits);
}
