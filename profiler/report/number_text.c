#include "profiler/report/number_text.h"

#include "framework/base/decimal.h"

#include <math.h>
#include <stdbool.h>

enum { SECONDS_WIDTH = 8, COLUMN_ROOM = KM_DECIMAL_SIZE + 8 };

/* Rounds to thousandths. Returns false when the rounding of the product itself might change the
 * result: below 10^12 it is off by less than 2^-13. */
static bool round_to_thousandths(double seconds, uint64_t *thousandths)
{
	double product = fabs(seconds) * 1000;

	if (!(product < 1e12))
		return false;
	*thousandths = (uint64_t)(product + 0.5);
	return fabs(product - (double)*thousandths) < 0.499;
}

/* Appends text right-aligned in `width`. */
static void append_aligned(km_buffer *out, const char *text, size_t len, size_t width)
{
	char column[COLUMN_ROOM];

	if (len >= width) {
		km_buffer_append(out, text, len);
		return;
	}
	memset(column, ' ', sizeof column);
	memcpy(column + width - len, text, len);
	km_buffer_append(out, column, width);
}

void km_number_append_seconds(km_buffer *out, double seconds)
{
	char text[COLUMN_ROOM];
	uint64_t thousandths;
	size_t len = 0;

	if (!round_to_thousandths(seconds, &thousandths)) {
		km_buffer_printf(out, "%*.3f", SECONDS_WIDTH, seconds);
		return;
	}
	if (signbit(seconds))
		text[len++] = '-';
	len += km_decimal(text + len, thousandths / 1000);
	text[len++] = '.';
	text[len++] = (char)('0' + thousandths / 100 % 10);
	text[len++] = (char)('0' + thousandths / 10 % 10);
	text[len++] = (char)('0' + thousandths % 10);
	append_aligned(out, text, len, SECONDS_WIDTH);
}

void km_number_append_calls(km_buffer *out, uint64_t calls, uint64_t primitive_calls, size_t width)
{
	char text[2 * KM_DECIMAL_SIZE + 1];
	size_t len = km_decimal(text, calls);

	if (calls != primitive_calls) {
		text[len++] = '/';
		len += km_decimal(text + len, primitive_calls);
	}
	append_aligned(out, text, len, width);
}
