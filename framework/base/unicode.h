/* UTF-8 as Python reads it, and what of Unicode is printable. */
#ifndef KM_BASE_UNICODE_H
#define KM_BASE_UNICODE_H

#include <komori/base.h>
#include <stdbool.h>

/* The character at the front of `text`, which is not empty and moves behind it. A byte that is not
 * part of well-formed UTF-8 is the character U+DC00 + byte (PEP 383, surrogateescape). */
uint32_t km_unicode_next(km_str *text);
/* Python's str.isprintable for one character, by Unicode 14.0.0 (Python 3.11). */
bool km_unicode_is_printable(uint32_t character);

#endif
