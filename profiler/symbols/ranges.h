/* Finds the innermost of the nested address ranges around an address. */
#ifndef KM_SYMBOLS_RANGES_H
#define KM_SYMBOLS_RANGES_H

#include <stddef.h>
#include <stdint.h>

typedef struct km_range {
	uint64_t low, high; /* [low, high) */
	uint64_t value;	    /* for the owner */
	size_t outer;	    /* 1 + the index of the range around this one; set by km_ranges_sort */
} km_range;

/* Zeroed ranges are valid and empty. */
typedef struct km_ranges {
	km_range *items;
	size_t count, capacity;
	int failed; /* memory ran out */
} km_ranges;

void km_ranges_add(km_ranges *ranges, uint64_t low, uint64_t high, uint64_t value);
/* Call between the last add and the first find. The last added of equal ranges is the inner one. */
void km_ranges_sort(km_ranges *ranges);
/* Finds the innermost range that contains `address`, NULL when none does. */
const km_range *km_ranges_find(const km_ranges *ranges, uint64_t address);
void km_ranges_finish(km_ranges *ranges);

#endif
