#include "framework/base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void km_decimal_append_signed(km_buffer *out, int64_t value)
{
	if (value < 0)
		km_buffer_char(out, '-');
	km_decimal_append(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void km_decimal_append_double(km_buffer *out, double value)
{
	char text[32];

	if (!isfinite(value))
		value = isnan(value) ? 0 : value > 0 ? DBL_MAX : -DBL_MAX;
	snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof text, "%.17g", value);
	km_buffer_text(out, text);
}
