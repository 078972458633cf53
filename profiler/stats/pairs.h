/* Numbers (caller, callee) pairs in order of arrival. */
#ifndef KM_STATS_PAIRS_H
#define KM_STATS_PAIRS_H

#include "profiler/stats/stats.h"

/* cProfile's four numbers, in ticks. */
typedef struct km_tally {
	uint64_t calls, primitive_calls;
	uint64_t own; /* modulo 2^64: children may be subtracted before the node is added */
	uint64_t cumulative;
} km_tally;

typedef struct km_pair {
	uint32_t caller, callee; /* rows */
	uint32_t active;	 /* calls of this pair around the current node */
	km_tally tally;
} km_pair;

/* Zero-initialised is valid and empty. */
typedef struct km_pairs {
	km_pair *pairs;
	uint32_t count, capacity;
	uint32_t *slots; /* pair number + 1, 0 for free; hashed by caller and callee */
	uint32_t slot_mask;
} km_pairs;

/* Returns the number of a pair, and adds a new one; UINT32_MAX when memory runs out. */
uint32_t km_pairs_find(km_pairs *pairs, uint32_t caller, uint32_t callee);
void km_pairs_finish(km_pairs *pairs);

/* Gives each row a slice for its callers, one a pair. Then the caller fills the slices: pair by
 * pair, km_pairs_place returns the next place in the slice of the pair's row. */
void km_pairs_slice(const km_pairs *pairs, km_stats *stats);
km_stats_caller *km_pairs_place(const km_pair *pair, km_stats *stats);

#endif
