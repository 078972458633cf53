/* Python's format specification mini-language, for the fields of a file name. */
#ifndef KM_MIDDLEWARE_FORMAT_SPEC_H
#define KM_MIDDLEWARE_FORMAT_SPEC_H

#include <stdbool.h>

#include "framework/base/buffer.h"

typedef struct km_format_spec {
	km_str fill;   /* one character, borrowed from the parsed text */
	char align;    /* < > ^ or =, which pads after the sign */
	char sign;     /* + - or space; 0: none */
	char grouping; /* , or _ between thousands; 0: none */
	char type;     /* of numbers d e E f F g G n %, of text s; 0: none */
	int width;
	int precision; /* -1: none */
} km_format_spec;

/* Parses the text after the colon, for a float when `number` is set, else for a str. Differs from
 * Python: "d" accepts floats and rounds them, "z" and "#" are errors, width and precision are at
 * most 200. Returns NULL, or the error. */
const char *km_format_spec_parse(km_str text, bool number, km_format_spec *spec);
/* Append the formatted value. `number` is finite. */
void km_format_number(km_buffer *out, const km_format_spec *spec, double number);
void km_format_text(km_buffer *out, const km_format_spec *spec, km_str text);

#endif
