/* Text as Python sees a file name or an argument: UTF-8, and each byte that is not UTF-8 is a
 * character of its own, U+DC00 + byte (PEP 383, surrogateescape). */
#ifndef KM_STATS_TEXT_H
#define KM_STATS_TEXT_H

#include <komori/base.h>

/* The character at `*at`, which moves behind it; `*at` stands before `end`. */
uint32_t km_text_next(const char **at, const char *end);
/* Characters, as Python's len(). */
size_t km_text_length(km_str text);
/* Order by code points: negative, 0, positive. */
int km_text_compare(const char *a, const char *b);
/* Writes the UTF-8 form of `point` (surrogates too) to `bytes`, returns its length. */
size_t km_text_encode(uint32_t point, char bytes[4]);

#endif
