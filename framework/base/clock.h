/* The system's clocks, as integers. */
#ifndef KM_BASE_CLOCK_H
#define KM_BASE_CLOCK_H

#include <locale.h>
#include <stdint.h>
#include <time.h>

#define KM_SECOND_NS ((int64_t)1000000000)

static inline int64_t km_clock_ns(struct timespec time)
{
	return (int64_t)time.tv_sec * KM_SECOND_NS + time.tv_nsec;
}

/* Returns nanoseconds of CLOCK_MONOTONIC, for durations and timeouts. */
static inline int64_t km_clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return km_clock_ns(now);
}

/* Returns seconds since the epoch, like Python's time.time(). */
static inline double km_clock_epoch(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The same at a resolution of some milliseconds, which costs a few nanoseconds; for time limits. */
static inline int64_t km_clock_coarse_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return km_clock_ns(now);
}

/* strftime in English, whatever the program's locale. */
static inline void km_clock_format(char *text, size_t size, const char *format, const struct tm *tm)
{
	/* For "C" the C library has one that is never freed. */
	strftime_l(text, size, format, tm, newlocale(LC_ALL_MASK, "C", NULL));
}

#endif
