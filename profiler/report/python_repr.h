/* Python's repr() of a str, for text that comes from a peer or a user. */
#ifndef KM_REPORT_PYTHON_REPR_H
#define KM_REPORT_PYTHON_REPR_H

#include "framework/base/buffer.h"

/* Appends the repr of `text` read as UTF-8 with the surrogateescape error handler: quotes around,
 * everything that is not printable escaped, a byte that is not UTF-8 as \udcXX. */
void km_python_repr(km_buffer *out, km_str text);

#endif
