/* A second reading of what frames a message, by http-parser. The only place that knows it. */
#ifndef KM_HTTP_FRAMING_H
#define KM_HTTP_FRAMING_H

#include "framework/base/arena.h"
#include "framework/http/request.h"

/* Hands the fields that frame a message or steer its connection to http-parser. Returns 0, 400 when
 * it refuses them or finds another length than `request` has, or 500 when memory ran out. */
int km_http_check_framing(const km_http_request *request, km_arena *arena);

#endif
