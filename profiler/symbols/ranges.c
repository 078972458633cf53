#include "profiler/symbols/ranges.h"

#include <stdlib.h>

void km_ranges_add(km_ranges *ranges, uint64_t low, uint64_t high, uint64_t value)
{
	if (low >= high || ranges->failed)
		return;
	if (ranges->count == ranges->capacity) {
		size_t capacity = ranges->capacity ? ranges->capacity * 2 : 64;
		km_range *items = realloc(ranges->items, capacity * sizeof *items);
		if (!items) {
			ranges->failed = 1;
			return;
		}
		ranges->items = items;
		ranges->capacity = capacity;
	}
	/* Until the ranges are sorted, `outer` holds the order of the adds. */
	ranges->items[ranges->count] = (km_range){low, high, value, ranges->count};
	ranges->count++;
}

/* Sorts a range before those that it contains. */
static int compare(const void *a, const void *b)
{
	const km_range *left = a, *right = b;

	if (left->low != right->low)
		return left->low < right->low ? -1 : 1;
	if (left->high != right->high)
		return left->high > right->high ? -1 : 1;
	return left->outer < right->outer ? -1 : 1;
}

void km_ranges_sort(km_ranges *ranges)
{
	if (ranges->count == 0)
		return;
	qsort(ranges->items, ranges->count, sizeof *ranges->items, compare);
	size_t open = 0; /* 1 + the innermost range around the start of the next one */
	for (size_t i = 0; i < ranges->count; i++) {
		km_range *range = &ranges->items[i];
		while (open && ranges->items[open - 1].high <= range->low)
			open = ranges->items[open - 1].outer;
		range->outer = open;
		open = i + 1;
	}
}

const km_range *km_ranges_find(const km_ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranges->items[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* The last range that starts at or before the address, or one around that range. */
	while (low && ranges->items[low - 1].high <= address)
		low = ranges->items[low - 1].outer;
	return low ? &ranges->items[low - 1] : NULL;
}

void km_ranges_finish(km_ranges *ranges)
{
	free(ranges->items);
	*ranges = (km_ranges){0};
}
