/* Finds the end of a request head in bytes that arrive in pieces. Refuses early what is too long or
 * framed loosely, such as bare LF and folded lines. */
#ifndef KM_HTTP_HEAD_SCAN_H
#define KM_HTTP_HEAD_SCAN_H

#include <komori/base.h>

typedef struct km_http_limits {
	size_t request_line; /* bytes without CRLF; longer: 414 */
	size_t headers;	     /* bytes after the request line; longer: 431 */
	size_t header_count; /* fields; more: 431 */
	size_t body;	     /* bytes; more: 413 */
	size_t body_memory;  /* bytes; a longer body goes to a temporary file */
} km_http_limits;

/* All zero before a message's first byte. Offsets count from that byte. */
typedef struct km_http_head_scan {
	size_t start;	/* of the request line: 2 after an empty line */
	size_t line;	/* start of the first incomplete line */
	size_t headers; /* start of the first field; 0 until the request line is complete */
	size_t fields;	/* complete ones */
} km_http_head_scan;

/* Scans all bytes of the message so far; `len` only grows from call to call. Returns -1 while the
 * head is incomplete, or the status to refuse with (400, 414, 431). Returns 0 when the head is
 * complete. Then `line` is the offset after it, every line ends with CRLF, and no line is folded or
 * holds a control byte other than tab. */
int km_http_head_scan_bytes(km_http_head_scan *scan, const char *bytes, size_t len,
			    const km_http_limits *limits);

#endif
