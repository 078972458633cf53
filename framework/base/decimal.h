/* Digits without the cost of printf: listings have millions of numbers. */
#ifndef KM_BASE_DECIMAL_H
#define KM_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { KM_DECIMAL_SIZE = 20 };

/* Writes the digits of `value`, at most KM_DECIMAL_SIZE, without a NUL; returns how many. */
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

#endif
