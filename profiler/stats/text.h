/* Measures and compares texts as Python does, by the characters of km_unicode_next. */
#ifndef KM_STATS_TEXT_H
#define KM_STATS_TEXT_H

#include "profiler/stats/tree.h"

#include <komori/base.h>
#include <stdbool.h>

bool km_text_is_ascii(km_str text);
/* Returns the number of characters, as Python's len(). */
size_t km_text_length(km_str text);
/* Compares by code points: negative, 0 or positive. */
int km_text_compare(const char *a, const char *b);
/* Compares by file, line and name, as Python compares tuples. */
int km_function_compare(const km_function *a, const km_function *b);
/* Writes the UTF-8 form of `point` (surrogates too) to `bytes`, returns its length. */
size_t km_text_encode(uint32_t point, char bytes[4]);

#endif
