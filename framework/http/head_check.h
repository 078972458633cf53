/* What http-parser leaves to the server: the strict reading of a request's fields. */
#ifndef KM_HTTP_HEAD_CHECK_H
#define KM_HTTP_HEAD_CHECK_H

#include "request.h"

/* The request line, split: `line` is everything before its CRLF. */
typedef struct km_http_request_line {
	km_str method, target;
	int major, minor;
} km_http_request_line;

/* A method, one space, the target, and " HTTP/DIGIT.DIGIT" at the end (RFC 9112 section 3); a space
 * inside the target is target's affair. Returns 0, 400, 501 for CONNECT and methods not known, 505
 * for a version other than 1.x. */
int km_http_check_request_line(km_str line, km_http_request_line *parts);
/* Checks the fields and derives from them content_length, chunked, keep_alive and expect_continue;
 * `minor` is set already. Returns 0 or the status to refuse with: 400, 417, 501. */
int km_http_check_fields(km_http_request *request);
/* Host, or the authority of an absolute target: bytes of uri-host and port only (RFC 3986 section
 * 3.2), so no userinfo (RFC 9110 section 4.2.4). */
bool km_http_is_host(km_str text);

#endif
