/* The request target: origin-form, absolute-form or "*" (RFC 9112 section 3.2). */
#ifndef KM_HTTP_TARGET_H
#define KM_HTTP_TARGET_H

#include "framework/base/arena.h"
#include "framework/http/request.h"

/* Sets target, path and query of `request` from `text`, which is terminated; `method` is set
 * already. Sets `authority` to the unchecked "host:port" of an absolute form, else to {NULL, 0}.
 * Returns 0 or the status to refuse with: 400, or 500 when memory ran out. */
int km_http_target_parse(km_str text, km_arena *arena, km_http_request *request, km_str *authority);

#endif
