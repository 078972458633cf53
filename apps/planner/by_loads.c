#include <stdbool.h>

#include "planner.h"

enum { MOST_LOAD = MOST_ITEMS * MOST_WEIGHT };

/* Possible loads of the lightest and the middle van; the third carries the rest. The lightest has
 * at most a third of everything, the middle one at most a half. */
typedef struct loads {
	bool can[MOST_LOAD / 3 + 1][MOST_LOAD / 2 + 1];
	int total;
} loads;

/* Puts one more item into any of the vans. Counts down, so that it goes into one van only. Not
 * inlined, so that profiles show it. */
__attribute__((noinline)) static void expand(loads *loads, int weight)
{
	for (int light = loads->total / 3; light >= 0; light--) {
		for (int middle = loads->total / 2; middle >= 0; middle--) {
			if (middle >= weight && loads->can[light][middle - weight])
				loads->can[light][middle] = true;
			if (light >= weight && loads->can[light - weight][middle])
				loads->can[light][middle] = true;
		}
	}
}

static int lightest_heaviest(const loads *loads)
{
	int best = loads->total;

	for (int light = 0; light <= loads->total / 3; light++) {
		for (int middle = light; middle <= loads->total / 2; middle++) {
			int heavy = loads->total - light - middle;
			if (loads->can[light][middle] && heavy >= middle && heavy < best)
				best = heavy;
		}
	}
	return best;
}

int plan_by_loads(const items *items)
{
	loads loads = {.total = 0};

	loads.can[0][0] = true;
	for (size_t i = 0; i < items->count; i++)
		loads.total += items->weights[i];
	for (size_t i = 0; i < items->count; i++)
		expand(&loads, items->weights[i]);
	return lightest_heaviest(&loads);
}
