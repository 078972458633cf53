/* What a request line and its fields may mean. */
#ifndef KM_HTTP_HEAD_CHECK_H
#define KM_HTTP_HEAD_CHECK_H

#include "framework/http/request.h"

enum { KM_HTTP_VERSION_LEN = sizeof " HTTP/1.1" - 1 };

/* Checks the end of a request line: " HTTP/DIGIT.DIGIT". Sets the minor version. Returns 0, 400, or
 * 505 for a version other than 1.x. */
int km_http_check_version(km_str line, int *minor);

/* Collects what the fields of one message say; zeroed before the first. */
typedef struct km_http_seen {
	bool host, coding; /* Host and Transfer-Encoding may stand in a message once */
	bool close, keep_alive;
} km_http_seen;

/* Checks a field, and sets chunked and expect_continue from it; `minor` is set already. Returns 0
 * or the status to refuse with: 400, 417, 501. */
int km_http_check_field(km_http_request *request, const km_header *field, km_http_seen *seen);
/* Checks the fields together after the last one, and sets keep_alive. Returns 0 or 400. */
int km_http_check_seen(km_http_request *request, const km_http_seen *seen);
/* Checks a Host, or the authority of an absolute target. It holds bytes of uri-host and port only
 * (RFC 3986 section 3.2), so no userinfo (RFC 9110 section 4.2.4). */
bool km_http_is_host(km_str text);

#endif
