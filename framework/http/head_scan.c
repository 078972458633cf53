#include "head_scan.h"

#include "field.h"

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

int km_http_head_scan_bytes(km_http_head_scan *scan, const char *bytes, size_t len,
			    const km_http_limits *limits)
{
	while (scan->line < len) {
		const char *line = bytes + scan->line;
		const char *feed = memchr(line, '\n', len - scan->line);
		size_t size = feed ? (size_t)(feed - line) + 1 : len - scan->line;

		/* In the order of the bytes: pieces are refused as the whole would be. */
		if (!starts_line(line[0]))
			return 400;
		int status = check_size(scan, size, limits);
		if (status)
			return status;
		if (!feed)
			return MORE;
		if (size < 2 || feed[-1] != '\r')
			return 400;
		scan->line += size;
		if (size > 2) {
			if (!scan->headers)
				scan->headers = scan->line;
			else if (++scan->fields > limits->header_count)
				return 431;
		} else if (scan->headers) {
			return COMPLETE;
		} else if (scan->start) {
			return 400;
		} else {
			scan->start = scan->line; /* RFC 9112 section 2.2 allows one */
		}
	}
	return MORE;
}
