#include "profiler/record/probe_cost.h"

#include "profiler/record/ticks.h"

double km_probe_cost_seconds(void)
{
	static double cost;
	enum { ROUNDS = 8, PAIRS = 500 };
	uint64_t best = UINT64_MAX;

	if (cost > 0)
		return cost;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = km_ticks_now(), end = start;
		for (int i = 0; i < 2 * PAIRS; i++)
			end = km_ticks_now();
		if (end - start < best)
			best = end - start;
	}
	cost = (double)best * km_ticks_seconds() / PAIRS;
	return cost;
}
