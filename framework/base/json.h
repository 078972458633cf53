/* Text as JSON (RFC 8259). */
#ifndef KM_BASE_JSON_H
#define KM_BASE_JSON_H

#include "framework/base/buffer.h"

/* Appends `text` as a string with its quotes. Bytes that are no UTF-8 become U+FFFD; "<" and U+2028
 * and U+2029 are escaped, so that the text can stand in a script of a page as well. */
void km_json_string(km_buffer *out, km_str text);

#endif
