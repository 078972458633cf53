/* Query strings and urlencoded text: name=value pairs joined by "&" (WHATWG URL section 5.1). */
#ifndef KM_HTTP_QUERY_H
#define KM_HTTP_QUERY_H

#include <komori/base.h>
#include <stdbool.h>

/* Finds the first pair whose decoded name is `name`; `value` is its raw value, empty without "=".
 */
bool km_query_find(km_str query, km_str name, km_str *value);
/* Decodes "+" and %XX into `out`, which has room for text.len bytes; returns the count. A broken
 * escape stays as it is, and so does %00, which would end a C string early. */
size_t km_query_decode(km_str text, char *out);

#endif
