/* Numbers as decimal text, without the cost of printf: listings have millions of them. */
#ifndef KM_BASE_DECIMAL_H
#define KM_BASE_DECIMAL_H

#include "framework/base/buffer.h"

#include <stdint.h>

enum { KM_DECIMAL_SIZE = 20 };

/* Writes the digits of `value`, at most KM_DECIMAL_SIZE, without a NUL; returns their count. */
static inline size_t km_decimal(char *out, uint64_t value)
{
	char digits[KM_DECIMAL_SIZE];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	memcpy(out, digits + at, sizeof digits - at);
	return sizeof digits - at;
}

static inline void km_decimal_append(km_buffer *out, uint64_t value)
{
	char *at = km_buffer_reserve(out, KM_DECIMAL_SIZE);

	if (at)
		out->len += km_decimal(at, value);
}

void km_decimal_append_signed(km_buffer *out, int64_t value);
/* Appends the shortest of 15 or 17 digits that reads back as `value`. The largest double stands for
 * infinity, and 0 for NaN. Expects a locale whose decimal point is a point. */
void km_decimal_append_double(km_buffer *out, double value);

#endif
