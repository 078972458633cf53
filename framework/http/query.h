/* Query strings and urlencoded text: name=value pairs joined by "&" (WHATWG URL section 5.1). */
#ifndef KM_HTTP_QUERY_H
#define KM_HTTP_QUERY_H

#include <komori/base.h>
#include <stdbool.h>

/* Finds the first pair whose decoded name is `name`. Sets `value` to its raw value, empty without
 * "=". */
bool km_query_find(km_str query, km_str name, km_str *value);
/* Decodes "+" and %XX into `out`, which has room for text.len bytes. Keeps a broken escape, and
 * %00, which would end a C string early. Returns the count of bytes. */
size_t km_query_decode(km_str text, char *out);

#endif
