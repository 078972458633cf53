/* The two clocks of the system, as integers. */
#ifndef KM_BASE_CLOCK_H
#define KM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define KM_SECOND_NS ((int64_t)1000000000)

static inline int64_t km_clock_ns(struct timespec time)
{
	return (int64_t)time.tv_sec * KM_SECOND_NS + time.tv_nsec;
}

/* Nanoseconds >= 0 as the system's calls want them. */
static inline struct timespec km_clock_timespec(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / KM_SECOND_NS, .tv_nsec = ns % KM_SECOND_NS};
}

/* Nanoseconds of CLOCK_MONOTONIC: for durations and deadlines. */
static inline int64_t km_clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return km_clock_ns(now);
}

/* Seconds since the epoch, as Python's time.time(). */
static inline double km_clock_epoch(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* CLOCK_MONOTONIC, some milliseconds coarse, for a few nanoseconds: enough for time limits. */
static inline int64_t km_clock_coarse_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return km_clock_ns(now);
}

#endif
