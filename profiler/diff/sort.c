#include "profiler/diff/diff.h"

#include "profiler/stats/text.h"

#include <math.h>
#include <stdlib.h>

const char *const km_diff_keys[KM_DIFF_KEY_COUNT] = {
	[KM_DIFF_CALLS] = "calls",     [KM_DIFF_PRIMITIVE_CALLS] = "primcalls",
	[KM_DIFF_TOTTIME] = "tottime", [KM_DIFF_CUMTIME] = "cumtime",
	[KM_DIFF_NAME] = "name",
};

long double km_diff_number(const km_stats_numbers *numbers, km_diff_key key)
{
	switch (key) {
	case KM_DIFF_CALLS:
		return (long double)numbers->calls;
	case KM_DIFF_PRIMITIVE_CALLS:
		return (long double)numbers->primitive_calls;
	case KM_DIFF_TOTTIME:
		return (long double)numbers->tottime;
	default:
		return (long double)numbers->cumtime;
	}
}

/* Returns the size of a change, in either direction. */
static long double change(const km_diff_item *item, km_diff_key key)
{
	return fabsl(km_diff_number(&item->after, key) - km_diff_number(&item->before, key));
}

typedef struct order_by {
	const km_diff_item *items;
	km_diff_key key;
} order_by;

static int compare(const void *a, const void *b, void *context)
{
	const order_by *by = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	const km_diff_item *x = &by->items[left], *y = &by->items[right];
	const km_diff_key keys[] = {by->key, KM_DIFF_CALLS, KM_DIFF_TOTTIME};
	int order = by->key == KM_DIFF_NAME ? km_function_compare(x->function, y->function) : 0;

	for (size_t i = by->key == KM_DIFF_NAME; !order && i < sizeof keys / sizeof *keys; i++) {
		long double first = change(x, keys[i]), second = change(y, keys[i]);
		order = (first < second) - (first > second);
	}
	return order ? order : left < right ? -1 : 1;
}

static bool has_changed(const km_diff_item *item)
{
	for (km_diff_key key = 0; key < KM_DIFF_NAME; key++) {
		if (change(item, key) > 0)
			return true;
	}
	return item->in_before != item->in_after;
}

int km_diff_sort(uint32_t **order, uint32_t *count, const km_diff_items *items, km_diff_key key)
{
	order_by by = {items->items, key};

	*count = 0;
	*order = malloc((items->count + 1u) * sizeof **order);
	if (!*order)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < items->count; i++) {
		if (has_changed(&items->items[i]))
			(*order)[(*count)++] = i;
	}
	qsort_r(*order, *count, sizeof **order, compare, &by);
	return 0;
}
