/* Reads UTF-8 as Python does, and knows which characters are printable. */
#ifndef KM_BASE_UNICODE_H
#define KM_BASE_UNICODE_H

#include <komori/base.h>
#include <stdbool.h>

/* Removes and returns the first character of `text`, which is not empty. Returns U+DC00 + byte for
 * a byte that is not part of well-formed UTF-8 (PEP 383, surrogateescape). */
uint32_t km_unicode_next(km_str *text);
/* Python's str.isprintable for one character, in the Unicode version of PCRE2. */
bool km_unicode_is_printable(uint32_t character);

#endif
