/* The profiler's clock: the TSC where it runs at a constant rate, else CLOCK_MONOTONIC. A tick is
 * one cycle of the TSC, or one nanosecond. */
#ifndef KM_RECORD_TICKS_H
#define KM_RECORD_TICKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

/* Chooses the clock and takes the first calibration point, which lasts about a millisecond the
 * first time. Call it before the other functions. */
void km_ticks_init(void);
/* True when stubs may read the TSC themselves. */
extern bool km_ticks_tsc;
/* The seconds that a tick lasts, measured from km_ticks_init until now. */
double km_ticks_seconds(void);
/* Converts a recent time of CLOCK_MONOTONIC, in nanoseconds, to ticks. */
uint64_t km_ticks_at(int64_t ns);
/* The seconds by which recording makes a call longer: two reads of the clock, which dominate the
 * work of a stub. Measured once, in less than a millisecond. Not thread-safe. */
double km_ticks_probe_cost(void);

/* CLOCK_MONOTONIC in nanoseconds, by a bare system call: it runs in the middle of users' calls,
 * where libc may not be called and vector registers hold arguments. Where the TSC is not steady,
 * the kernel's vDSO would make this system call too. */
static inline uint64_t km_ticks_monotonic(void)
{
	struct timespec now;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"((long)SYS_clock_gettime), "D"((long)CLOCK_MONOTONIC), "S"(&now)
			 : "rcx", "r11", "memory");
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t km_ticks_now(void)
{
	if (!km_ticks_tsc)
		return km_ticks_monotonic();
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | (uint64_t)high << 32;
}

#endif
