/* Translates patterns of Python's `re` (CPython Lib/re/_parser.py) to the syntax of PCRE2. */
#ifndef KM_STATS_REGEX_TRANSLATE_H
#define KM_STATS_REGEX_TRANSLATE_H

#include "framework/base/buffer.h"

#include <stdbool.h>

typedef struct km_regex_translation {
	km_buffer pattern;   /* for PCRE2 with UTF; the caller finishes it */
	bool ascii;	     /* (?a): \w, \d, \s and \b know ASCII only */
	const char *problem; /* static: why Python refuses the pattern; NULL when it accepts it */
} km_regex_translation;

/* Copies what both read alike, rewrites what they read differently, and refuses what only PCRE2
 * knows. Errors that PCRE2 reports itself, such as a missing parenthesis, pass. */
void km_regex_translate(km_regex_translation *translation, km_str pattern);
/* Appends text of a pattern or a subject. Bytes that are not UTF-8 become surrogates, as in Python;
 * PCRE2 accepts them with PCRE2_NO_UTF_CHECK. */
void km_regex_append_text(km_buffer *out, km_str text);

#endif
