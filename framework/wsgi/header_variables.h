/* HTTP_<NAME>: the variables of a request's headers (PEP 3333, RFC 3875 section 4.1.18). */
#ifndef KM_WSGI_HEADER_VARIABLES_H
#define KM_WSGI_HEADER_VARIABLES_H

#include "framework/base/arena.h"
#include "framework/http/request.h"

#define KM_HEADER_VARIABLE_PREFIX "HTTP_"

/* Returns the value of the header that `variable`, without its prefix, names. Joins the values of
 * several headers with "," in `arena`, and sets `joined`. Returns {NULL, 0} without such a header,
 * or when memory ran out. */
km_str km_header_variable_value(const km_http_request *request, km_str variable, km_arena *arena,
				bool *joined);
/* Whether the header at `index` has a variable, and no header before it has the same one. */
bool km_header_variable_is_new(const km_http_request *request, size_t index);
/* Returns the variable of a header, with its prefix; {NULL, 0} when memory ran out. */
km_str km_header_variable_name(km_str header, km_arena *arena);

#endif
