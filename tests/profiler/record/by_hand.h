/* A process that will die counts its own calls and keeps its own stack, in memory that its parent
 * reads afterwards. The functions to count have ENTERED and LEAVING in them. */
#ifndef TESTS_PROFILER_RECORD_BY_HAND_H
#define TESTS_PROFILER_RECORD_BY_HAND_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { BY_HAND_FUNCTIONS = 8, BY_HAND_DEPTH = 64 };

typedef struct by_hand {
	volatile long calls[BY_HAND_FUNCTIONS];
	volatile long total;
	volatile int depth;
	volatile int stack[BY_HAND_DEPTH];
} by_hand;

static by_hand *noted;

#define ENTERED(function)                                                                          \
	(noted->calls[function]++, noted->total++, noted->stack[noted->depth] = (function),        \
	 noted->depth++)
#define LEAVING() ((void)noted->depth--)

static inline int by_hand_map(void)
{
	noted = mmap(NULL, sizeof *noted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	return noted == MAP_FAILED ? -1 : 0;
}

/* Finds the largest shared mapping of this process: the recorder of its only shared profile. */
static inline void *shared_recorder(size_t *size)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], *found = NULL;
	unsigned long low, high;

	*size = 0;
	while (maps && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx rw-s", &low, &high) == 2 && strstr(line, "rw-s") &&
		    high - low > *size) {
			*size = high - low;
			found = (char *)(uintptr_t)low;
		}
	}
	if (maps)
		fclose(maps);
	return found;
}

#endif
