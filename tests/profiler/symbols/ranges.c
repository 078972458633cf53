#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "profiler/symbols/ranges.h"

static void the_innermost_range_is_found(void **state)
{
	(void)state;
	km_ranges ranges = {0};

	km_ranges_add(&ranges, 10, 100, 1);
	km_ranges_add(&ranges, 20, 30, 2);
	km_ranges_add(&ranges, 22, 24, 3);
	km_ranges_add(&ranges, 40, 50, 4);
	km_ranges_add(&ranges, 200, 300, 5);
	km_ranges_add(&ranges, 200, 300, 6); /* equal and later: the inner one */
	km_ranges_add(&ranges, 500, 500, 7);
	km_ranges_sort(&ranges);
	assert_null(km_ranges_find(&ranges, 9));
	assert_int_equal(km_ranges_find(&ranges, 10)->value, 1);
	assert_int_equal(km_ranges_find(&ranges, 23)->value, 3);
	assert_int_equal(km_ranges_find(&ranges, 24)->value, 2);
	assert_int_equal(km_ranges_find(&ranges, 30)->value, 1);
	assert_int_equal(km_ranges_find(&ranges, 49)->value, 4);
	assert_int_equal(km_ranges_find(&ranges, 99)->value, 1);
	assert_null(km_ranges_find(&ranges, 100));
	assert_int_equal(km_ranges_find(&ranges, 250)->value, 6);
	assert_null(km_ranges_find(&ranges, 500));
	km_ranges_finish(&ranges);
}

static void random_nested(km_ranges *ranges, uint64_t low, uint64_t high)
{
	km_ranges_add(ranges, low, high, ranges->count);
	while (high - low > 4 && random() % 4) {
		uint64_t from = low + (uint64_t)random() % (high - low);
		uint64_t to = from + 1 + (uint64_t)random() % (high - from);
		random_nested(ranges, from, to);
		low = to;
	}
}

static void every_address_agrees_with_a_linear_search(void **state)
{
	(void)state;
	enum { END = 400 };

	srandom(3);
	for (int round = 0; round < 200; round++) {
		km_ranges ranges = {0};
		uint64_t wanted[END];
		for (int i = 0; i < 4; i++)
			random_nested(&ranges, (uint64_t)i * 100, (uint64_t)i * 100 + 60);
		/* Inner ranges were added after those around them. */
		for (uint64_t at = 0; at < END; at++) {
			wanted[at] = UINT64_MAX;
			for (size_t i = 0; i < ranges.count; i++)
				if (ranges.items[i].low <= at && at < ranges.items[i].high)
					wanted[at] = ranges.items[i].value;
		}
		km_ranges_sort(&ranges);
		for (uint64_t at = 0; at < END; at++) {
			const km_range *found = km_ranges_find(&ranges, at);
			assert_int_equal(found ? found->value : UINT64_MAX, wanted[at]);
		}
		km_ranges_finish(&ranges);
	}
}

static void an_empty_set_holds_nothing(void **state)
{
	(void)state;
	km_ranges ranges = {0};

	km_ranges_sort(&ranges);
	assert_null(km_ranges_find(&ranges, 0));
	km_ranges_finish(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_innermost_range_is_found),
		cmocka_unit_test(every_address_agrees_with_a_linear_search),
		cmocka_unit_test(an_empty_set_holds_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
