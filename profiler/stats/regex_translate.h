/* The pattern of Python's `re` (CPython Lib/re/_parser.py) in the syntax of PCRE2. */
#ifndef KM_STATS_REGEX_TRANSLATE_H
#define KM_STATS_REGEX_TRANSLATE_H

#include "framework/base/buffer.h"

#include <stdbool.h>

typedef struct km_regex_translation {
	km_buffer pattern;   /* for PCRE2 with UTF; the caller finishes it */
	bool ascii;	     /* (?a): \w, \d, \s and \b know ASCII only */
	const char *problem; /* why Python refuses the pattern; static; NULL when it does not */
} km_regex_translation;

/* What both read alike is copied, what they read differently is rewritten, what only PCRE2 knows is
 * a problem. Errors that PCRE2 reports itself (a missing parenthesis) pass. */
void km_regex_translate(km_regex_translation *translation, km_str pattern);
/* Bytes that are not UTF-8 become the surrogates that Python has for them, in patterns and subjects
 * alike: PCRE2 takes them when it is told not to check (PCRE2_NO_UTF_CHECK). */
void km_regex_append_text(km_buffer *out, km_str text);

#endif
