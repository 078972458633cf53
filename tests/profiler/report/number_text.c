#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/report/number_text.h"

/* Expects the text of printf, which rounds the exact value as Python does. */
static void assert_seconds(double seconds)
{
	char wanted[400];
	km_buffer out = {0};

	km_number_append_seconds(&out, seconds);
	snprintf(wanted, sizeof wanted, "%8.3f", seconds);
	assert_string_equal(out.data, wanted);
	km_buffer_finish(&out);
}

static void seconds_at_the_ties(void **state)
{
	(void)state;
	/* Only multiples of 1/16 lie exactly between two texts; their neighbours must not follow.
	 */
	for (int i = -100000; i <= 100000; i++) {
		double tie = i / 16.0;
		assert_seconds(tie);
		assert_seconds(nextafter(tie, 1e9));
		assert_seconds(nextafter(tie, -1e9));
		double near = (i + 0.5) / 1000;
		assert_seconds(near);
		assert_seconds(nextafter(near, 1e9));
		assert_seconds(nextafter(near, -1e9));
	}
}

static void seconds_of_every_size(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 300000; i++)
		assert_seconds((rand() - RAND_MAX / 2.0) * pow(10, rand() % 40 - 20) *
			       (rand() / 1e5));
	const double edges[] = {0.0,	      -0.0,	     1e-300,	-1e-300,   1e308,
				-1e308,	      999999.9995,   9999.9995, 1e9,	   1e12,
				1e9 - 0.0005, 99999999.9995, INFINITY,	-INFINITY, NAN};
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
		assert_seconds(edges[i]);
}

static void calls_are_aligned(void **state)
{
	static const struct {
		uint64_t calls, primitive_calls;
		size_t width;
		const char *wanted;
	} rows[] = {
		{0, 0, 9, "        0"},
		{7, 7, 7, "      7"},
		{5, 1, 7, "    5/1"},
		{123456789, 123456789, 9, "123456789"},
		{1234567890, 1234567890, 9, "1234567890"},
		{UINT64_MAX, 0, 9, "18446744073709551615/0"},
		{UINT64_MAX, UINT64_MAX - 1, 20, "18446744073709551615/18446744073709551614"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		km_buffer out = {0};
		km_number_append_calls(&out, rows[i].calls, rows[i].primitive_calls, rows[i].width);
		assert_string_equal(out.data, rows[i].wanted);
		km_buffer_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_at_the_ties),
		cmocka_unit_test(seconds_of_every_size),
		cmocka_unit_test(calls_are_aligned),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
