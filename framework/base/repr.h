/* Python's repr() of a str, for text that comes from a peer. */
#ifndef KM_BASE_REPR_H
#define KM_BASE_REPR_H

#include "framework/base/buffer.h"

/* Appends the repr of the text that km_unicode_next reads from `text`: in quotes, everything that
 * is not printable escaped (CPython Objects/unicodeobject.c, unicode_repr). */
void km_repr(km_buffer *out, km_str text);

#endif
