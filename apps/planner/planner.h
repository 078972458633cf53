/* Spreads items over vans so that the heaviest van is as light as possible. */
#ifndef PLANNER_H
#define PLANNER_H

#include <stddef.h>

enum { VANS = 3, MOST_ITEMS = 30, MOST_WEIGHT = 50 };

typedef struct items {
	int weights[MOST_ITEMS];
	size_t count;
} items;

/* Both return the load of the heaviest van. The first takes 3^n steps, the second n. */
int plan_by_trying(const items *items);
int plan_by_loads(const items *items);

#endif
