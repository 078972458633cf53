/* The strict reading of a request line and of fields. */
#ifndef KM_HTTP_HEAD_CHECK_H
#define KM_HTTP_HEAD_CHECK_H

#include "framework/http/request.h"

/* `line` is everything before its CRLF: a method, one space, the target, and " HTTP/DIGIT.DIGIT" at
 * the end (RFC 9112 section 3); a space inside the target is target's affair. Sets the request's
 * method and minor version, and `target`. Returns 0, 400, 501 for CONNECT and methods not known,
 * 505 for a version other than 1.x. */
int km_http_check_request_line(km_str line, km_http_request *request, km_str *target);
/* What the fields of one message have said; zeroed before the first. */
typedef struct km_http_seen {
	unsigned fields, again; /* of those that stand in a message once; twice */
	bool close, keep_alive;
	bool framed; /* some field frames the message or steers its connection */
} km_http_seen;

/* Checks a field and takes from it content_length, chunked and expect_continue, which are those of
 * a message without any before the first; `minor` is set already. Returns 0 or the status to refuse
 * with: 400, 417, 501. */
int km_http_check_field(km_http_request *request, const km_header *field, km_http_seen *seen);
/* After the last field: what must be there is, and nothing twice. Sets keep_alive. 0 or 400. */
int km_http_check_seen(km_http_request *request, const km_http_seen *seen);
/* Host, or the authority of an absolute target: bytes of uri-host and port only (RFC 3986 section
 * 3.2), so no userinfo (RFC 9110 section 4.2.4). */
bool km_http_is_host(km_str text);

#endif
