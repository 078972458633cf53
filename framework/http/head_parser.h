/* Reads a complete request head; what a request may look like is decided in head_scan, head_check,
 * framing and target. */
#ifndef KM_HTTP_HEAD_PARSER_H
#define KM_HTTP_HEAD_PARSER_H

#include "framework/base/arena.h"
#include "framework/http/head_scan.h"
#include "framework/http/request.h"

/* `head` is the whole head, from the request line to the empty line, of which `scan` said that it
 * is complete: the bytes from scan->start to scan->line. It is modified (strings are terminated in
 * place) and must live as long as the request. Fills everything; the body is empty. Returns 0 or
 * the status to refuse with: 400, 417, 501, 505, or 500 when memory ran out. */
int km_http_head_parse(char *head, const km_http_head_scan *scan, km_arena *arena,
		       km_http_request *request);

#endif
