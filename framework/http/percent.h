/* Percent-decoding (RFC 3986 section 2.1). */
#ifndef KM_HTTP_PERCENT_H
#define KM_HTTP_PERCENT_H

#include <komori/base.h>
#include <sys/types.h>

/* Decodes `text` into `out`, which has room for text.len bytes and may be text.ptr itself. Returns
 * the count of bytes, or KM_EINVAL for a broken escape and for %00. Does not terminate. */
ssize_t km_http_percent_decode(km_str text, char *out);

#endif
