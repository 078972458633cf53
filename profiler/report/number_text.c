#include "profiler/report/number_text.h"

#include "profiler/stats/decimal.h"

#include <math.h>
#include <stdbool.h>

enum { SECONDS_WIDTH = 8 };

/* The thousandths that `seconds` rounds to, when multiplying by 1000, which rounds as well, cannot
 * have changed which: below 10^12 the product is off by less than 2^-13. */
static bool round_to_thousandths(double seconds, uint64_t *thousandths)
{
	double product = fabs(seconds) * 1000;

	if (!(product < 1e12))
		return false;
	*thousandths = (uint64_t)(product + 0.5);
	return fabs(product - (double)*thousandths) < 0.499;
}

void km_number_append_seconds(km_buffer *out, double seconds)
{
	char text[KM_DECIMAL_SIZE + 8];
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
	km_buffer_fill(out, ' ', SECONDS_WIDTH - (long)len);
	km_buffer_append(out, text, len);
}

void km_number_append_calls(km_buffer *out, uint64_t calls, uint64_t primitive_calls, int width)
{
	char text[2 * KM_DECIMAL_SIZE + 1];
	size_t len = km_decimal(text, calls);

	if (calls != primitive_calls) {
		text[len++] = '/';
		len += km_decimal(text + len, primitive_calls);
	}
	km_buffer_fill(out, ' ', width - (long)len);
	km_buffer_append(out, text, len);
}
