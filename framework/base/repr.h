/* Python's repr() of a str, for text from a peer. */
#ifndef KM_BASE_REPR_H
#define KM_BASE_REPR_H

#include "framework/base/buffer.h"

/* Appends the repr of `text`, as km_unicode_next reads it: in quotes, with characters escaped that
 * are not printable (CPython Objects/unicodeobject.c, unicode_repr). */
void km_repr(km_buffer *out, km_str text);

#endif
