/* Prints a comparison as text. */
#ifndef KM_DIFF_DIFF_TEXT_H
#define KM_DIFF_DIFF_TEXT_H

#include "profiler/diff/diff.h"

#include <stdio.h>

typedef struct km_diff_text_options {
	bool paths; /* paths instead of functions */
	km_diff_key sort;
	uint32_t limit;	  /* of lines; UINT32_MAX: all */
	const char *what; /* name of the whole: "request" */
} km_diff_text_options;

/* Prints one line: "expand: 4,194,303 -> 12 calls (-100.0%); request 2.410 s -> 0.003 s (-99.9%)".
 * KM_EIO with errno, KM_ENOMEM. */
int km_diff_text_write_verdict(FILE *stream, const km_diff *diff, const char *what);
/* Prints the table of what changed, with the last calls of a path. KM_EIO with errno, KM_ENOMEM. */
int km_diff_text_write(FILE *stream, const km_diff *diff, const km_diff_text_options *options);

#endif
