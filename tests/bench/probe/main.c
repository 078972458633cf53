/* Runs one workload and prints nanoseconds a call: bench-probe NAME [on]. Built without sleds and
 * profiler (BASE), and with them. "clock" is two reads of the TSC, the least that a timed call
 * takes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/probe/work.h"
#ifndef BASE
#include <komori/profiler.h>
#endif

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static long read_clock_twice(long n)
{
	uint32_t low, high;

	for (long i = 0; i < n; i++) {
		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	}
	return n;
}

static const struct {
	const char *name;
	long (*run)(long n);
	long n, n_recorded; /* chosen for about a tenth of a second */
} works[] = {
	{"fib", work_fib, 37, 31},
	{"leaf", work_leaf, 60000000, 4500000},
	{"alternate", work_alternate, 60000000, 4500000},
	{"library", work_library, 20000000, 4500000},
	{"clock", read_clock_twice, 5000000, 5000000},
};

int main(int argc, char **argv)
{
	int record = argc > 2 && !strcmp(argv[2], "on");

	for (size_t i = 0; argc > 1 && i < sizeof works / sizeof *works; i++) {
		if (strcmp(argv[1], works[i].name))
			continue;
#ifndef BASE
		km_profile *profile = NULL;
		if (record && (!(profile = km_profile_new(NULL)) || km_profile_start(profile))) {
			fprintf(stderr, "bench-probe: %s\n", km_profile_error());
			return 1;
		}
#endif
		double start = now_ns();
		long calls = works[i].run(record ? works[i].n_recorded : works[i].n);
		double end = now_ns();
#ifndef BASE
		if (record && km_profile_stop(profile))
			return 1;
		km_profile_free(profile);
#endif
		printf("%.4f\n", (end - start) / (double)calls);
		return 0;
	}
	fprintf(stderr, "usage: %s fib|leaf|alternate|library|clock [on]\n", argv[0]);
	return 2;
}
