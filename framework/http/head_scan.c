#include "framework/http/head_scan.h"

#include "framework/http/field.h"
#include "framework/http/text_run.h"

enum { MORE = -1, COMPLETE = 0 };

/* A line must start like a method or a field name: a blank would be a folded line (RFC 9112 section
 * 5.2), and anything else no HTTP at all, such as a TLS greeting. */
static bool starts_line(char byte)
{
	return byte == '\r' || km_http_tchar[(unsigned char)byte];
}

static bool is_line_end(const char *at, const char *end)
{
	return end - at >= 2 && memcmp(at, "\r\n", 2) == 0;
}

/* The text of the line under way ends at `stop`, without CRLF. `room` is what may stand from `from`
 * on, CRLF included, and `too_long` the status for more. */
static int take_rest(const char *stop, const char *end, const char *from, size_t room, int too_long)
{
	bool cr = stop < end && *stop == '\r';
	/* What stopped the text counts, and behind a CR what must be the LF. */
	const char *behind = stop + (cr && end - stop > 1 ? 2 : stop < end);

	if ((size_t)(behind - from) > room)
		return too_long;
	return stop == end || (cr && end - stop == 1) ? MORE : 400;
}

/* The request line, and an empty line before it (RFC 9112 section 2.2). */
static int scan_request_line(km_http_head_scan *scan, const char *bytes, const char *end,
			     const km_http_limits *limits)
{
	while (bytes + scan->line < end) {
		const char *line = bytes + scan->line;
		/* In the order of the bytes: pieces are refused as the whole would be. */
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
			return 400; /* of this line, whatever stands behind it */
		scan->start = scan->line;
	}
	return MORE;
}

static void note_place(km_http_head_scan *scan, size_t field, size_t colon, size_t end)
{
	if (field >= KM_HTTP_PLACES)
		return;
	scan->places[field].colon = end <= UINT16_MAX ? (uint16_t)colon : 0;
	scan->places[field].end = (uint16_t)end;
}

static int scan_fields(km_http_head_scan *scan, const char *bytes, const char *end,
		       const km_http_limits *limits)
{
	const char *line = bytes + scan->line, *headers = bytes + scan->headers;
	size_t fields = scan->fields;
	int status = MORE;

	while (line < end) {
		if (!starts_line(*line))
			return 400;
		const char *stop = *line == '\r' ? line : km_http_text_end(line, end);
		if (!is_line_end(stop, end)) {
			status = take_rest(stop, end, headers, limits->headers, 431);
			break;
		}
		if ((size_t)(stop + 2 - headers) > limits->headers)
			return 431;
		if (stop == line) {
			line += 2;
			status = COMPLETE;
			break;
		}
		if (fields == limits->header_count)
			return 431;
		const char *colon = km_http_name_end(line, end);
		if (colon >= stop || *colon != ':')
			return 400;
		note_place(scan, fields++, (size_t)(colon - bytes), (size_t)(stop - bytes));
		line = stop + 2;
	}
	scan->fields = fields;
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
