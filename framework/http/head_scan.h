/* Finds the end of a request's head in bytes that arrive in pieces, and refuses early what is too
 * long or framed loosely, such as bare LF and folded lines. */
#ifndef KM_HTTP_HEAD_SCAN_H
#define KM_HTTP_HEAD_SCAN_H

#include <komori/base.h>

typedef struct km_http_limits {
	size_t request_line; /* bytes without CRLF; longer: 414 */
	size_t headers;	     /* bytes after the request line; longer: 431 */
	size_t header_count; /* fields; more: 431 */
} km_http_limits;

/* Fields whose place the scan notes: more than browsers send. */
enum { KM_HTTP_PLACES = 24 };

/* Begun before a message's first byte; all zero is a begun one. Offsets count from that byte. */
typedef struct km_http_head_scan {
	size_t start;	/* of the request line: 2 behind an empty line */
	size_t line;	/* start of the line under way */
	size_t headers; /* start of the first field, 0 while in the request line */
	size_t fields;	/* complete ones */
	/* Of the first fields; a colon of 0 for one that lies further on than fits. */
	struct km_http_field_place {
		uint16_t colon, end; /* before CRLF */
	} places[KM_HTTP_PLACES];
} km_http_head_scan;

static inline void km_http_head_scan_begin(km_http_head_scan *scan)
{
	scan->start = scan->line = scan->headers = scan->fields = 0; /* places are set as found */
}

/* Looks at the message's bytes so far, which are all there are (`len` only grows from call to
 * call). Returns -1 when more are needed, the status to refuse with (400, 414, 431), or 0 when the
 * head is complete: then `line` is the offset behind it, its lines hold no control byte but tab,
 * and each field has a name, which is a token, and a colon behind it. */
int km_http_head_scan_bytes(km_http_head_scan *scan, const char *bytes, size_t len,
			    const km_http_limits *limits);

#endif
