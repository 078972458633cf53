/* Python's format specification mini-language, for the values that a file name is made of. */
#ifndef KM_MIDDLEWARE_FORMAT_SPEC_H
#define KM_MIDDLEWARE_FORMAT_SPEC_H

#include <stdbool.h>

#include "framework/base/buffer.h"

typedef struct km_format_spec {
	km_str fill;   /* one character, inside the text that was parsed */
	char align;    /* < > ^ or =, which pads behind the sign */
	char sign;     /* + - or space; 0: none was given */
	char grouping; /* , or _ between thousands; 0: none */
	char type;     /* of numbers d e E f F g G n %, of text s; 0: none was given */
	int width;
	int precision; /* -1: none was given */
} km_format_spec;

/* Parses what stands behind the colon. `number`: for a float, else for a str. As Python, but: "d"
 * takes floats too and rounds them; "z" and "#" are not taken; width and precision are at most 200.
 * Returns NULL, or what is wrong. */
const char *km_format_spec_parse(km_str text, bool number, km_format_spec *spec);
/* Each appends the formatted value. The number is finite. */
void km_format_number(km_buffer *out, const km_format_spec *spec, double number);
void km_format_text(km_buffer *out, const km_format_spec *spec, km_str text);

#endif
