#include "head_scan.h"

#include "field.h"
#include "text_run.h"

enum { MORE = -1, COMPLETE = 0 };

/* `size` counts the bytes of the line so far, its CR and LF too when they are there. */
static int check_size(const km_http_head_scan *scan, size_t size, const km_http_limits *limits)
{
	if (!scan->headers)
		return size > limits->request_line + 2 ? 414 : 0;
	return scan->line + size - scan->headers > limits->headers ? 431 : 0;
}

/* A line must start like a method or a field name: a blank would be a folded line (RFC 9112 section
 * 5.2), and anything else no HTTP at all, such as a TLS greeting. */
static bool starts_line(char byte)
{
	return byte == '\r' || km_http_tchar[(unsigned char)byte];
}

/* A field line, up to `stop`, where its CRLF stands. */
static int take_field(km_http_head_scan *scan, km_str input, const char *stop,
		      const km_http_limits *limits)
{
	if (scan->fields == limits->header_count)
		return 431;
	const char *colon = km_http_name_end(input.ptr + scan->line, input.ptr + input.len);
	if (colon >= stop || *colon != ':')
		return 400;
	if (scan->fields < KM_HTTP_PLACES) {
		bool near = stop - input.ptr <= UINT16_MAX;
		scan->places[scan->fields].colon = near ? (uint16_t)(colon - input.ptr) : 0;
		scan->places[scan->fields].end = (uint16_t)(stop - input.ptr);
	}
	scan->fields++;
	return MORE;
}

/* Any line. Returns MORE to go on, or what the scan returns. */
static int take_line(km_http_head_scan *scan, km_str input, const char *stop,
		     const km_http_limits *limits)
{
	bool empty = input.ptr + scan->line == stop;
	int status = MORE;

	if (scan->headers)
		status = empty ? COMPLETE : take_field(scan, input, stop, limits);
	else if (scan->start && empty)
		return 400; /* of this line, whatever stands behind it */
	scan->line = (size_t)(stop - input.ptr) + 2;
	if (!scan->headers)
		*(empty ? &scan->start : &scan->headers) = scan->line;
	return status;
}

/* The text of the line under way ends at `stop`, without CRLF. */
static int take_rest(const km_http_head_scan *scan, const char *line, const char *stop,
		     const char *end, const km_http_limits *limits)
{
	bool cr = stop < end && *stop == '\r';
	/* What stopped the text counts, and behind a CR what must be the LF. */
	const char *behind = stop + (cr && end - stop > 1 ? 2 : stop < end);
	int status = check_size(scan, (size_t)(behind - line), limits);

	if (status)
		return status;
	return stop == end || (cr && end - stop == 1) ? MORE : 400;
}

int km_http_head_scan_bytes(km_http_head_scan *scan, const char *bytes, size_t len,
			    const km_http_limits *limits)
{
	const char *end = bytes + len;

	while (scan->line < len) {
		const char *line = bytes + scan->line;
		/* In the order of the bytes: pieces are refused as the whole would be. */
		if (!starts_line(line[0]))
			return 400;
		const char *stop = km_http_text_end(line, end);
		if (end - stop < 2 || memcmp(stop, "\r\n", 2) != 0)
			return take_rest(scan, line, stop, end, limits);
		int status = check_size(scan, (size_t)(stop + 2 - line), limits);
		if (status)
			return status;
		status = take_line(scan, (km_str){bytes, len}, stop, limits);
		if (status != MORE)
			return status;
	}
	return MORE;
}
