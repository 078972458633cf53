/* Reads a complete request head with http-parser. The checks of what a request may mean are in
 * head_check and target. */
#ifndef KM_HTTP_HEAD_PARSER_H
#define KM_HTTP_HEAD_PARSER_H

#include "framework/base/arena.h"
#include "framework/http/head_scan.h"
#include "framework/http/request.h"

/* Parses the head from scan->start to scan->line, which `scan` found complete; `head` points to its
 * request line. Terminates strings in place, so that `head` must live as long as the request. Fills
 * every member; the body is empty. Returns 0 or the status to refuse with: 400, 417, 501, 505, or
 * 500 when memory ran out. */
int km_http_head_parse(char *head, const km_http_head_scan *scan, km_arena *arena,
		       km_http_request *request);
/* Returns a static, terminated view of the method, or {NULL, 0} for one that the server does not
 * implement (501). Case matters (RFC 9110 section 9.1). CONNECT is not among them: Komori is not a
 * proxy. */
km_str km_http_method(km_str text);

#endif
