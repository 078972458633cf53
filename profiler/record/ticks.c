#include "profiler/record/ticks.h"

#include <cpuid.h>

bool km_ticks_tsc;

static uint64_t first_tick, first_ns;

static bool tsc_is_steady(void)
{
#ifdef KM_TICKS_NO_TSC /* a test of the other clock */
	return false;
#endif
	unsigned a, b, c, d;

	/* "Invariant TSC": CPUID 8000_0007h, EDX bit 8 (AMD APM volume 3, Intel SDM volume 3). */
	return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & (1u << 8));
}

/* Reads both clocks. Takes the closest of a few pairs, because the thread may lose the processor
 * between two reads. */
static void take_point(uint64_t *tick, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		uint64_t before = km_ticks_now();
		uint64_t time = km_ticks_monotonic();
		uint64_t after = km_ticks_now();
		if (after - before < best) {
			best = after - before;
			*tick = before + (after - before) / 2;
			*ns = time;
		}
	}
}

void km_ticks_init(void)
{
	if (first_ns)
		return;
	km_ticks_tsc = tsc_is_steady();
	take_point(&first_tick, &first_ns);
	while (km_ticks_monotonic() - first_ns < 1000000)
		;
}

double km_ticks_seconds(void)
{
	uint64_t tick, ns;

	if (!km_ticks_tsc)
		return 1e-9;
	take_point(&tick, &ns);
	return (double)(ns - first_ns) * 1e-9 / (double)(tick - first_tick);
}

uint64_t km_ticks_at(int64_t ns)
{
	uint64_t tick, now;

	if (!km_ticks_tsc)
		return (uint64_t)ns;
	take_point(&tick, &now);
	return tick - (uint64_t)((double)((int64_t)now - ns) * 1e-9 / km_ticks_seconds());
}

double km_ticks_probe_cost(void)
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
