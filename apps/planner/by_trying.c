#include "planner.h"

#include <limits.h>

typedef struct plan {
	const items *items;
	int loads[VANS];
	int best;
} plan;

static int heaviest(const plan *plan)
{
	int most = 0;

	for (int van = 0; van < VANS; van++)
		if (plan->loads[van] > most)
			most = plan->loads[van];
	return most;
}

/* Tries every item in every van. */
static void expand(plan *plan, size_t item)
{
	if (item == plan->items->count) {
		int weight = heaviest(plan);
		if (weight < plan->best)
			plan->best = weight;
		return;
	}
	for (int van = 0; van < VANS; van++) {
		plan->loads[van] += plan->items->weights[item];
		expand(plan, item + 1);
		plan->loads[van] -= plan->items->weights[item];
	}
}

int plan_by_trying(const items *items)
{
	plan plan = {.items = items, .best = INT_MAX};

	expand(&plan, 0);
	return plan.best;
}
