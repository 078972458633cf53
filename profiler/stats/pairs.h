/* Numbers (caller, callee) pairs in order of arrival: of the rows of a listing, or of the paths of
 * call trees. */
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

/* The path of the root, whatever its function: the roots of two trees are one path. */
enum { KM_PATH_ROOT = 0 };

/* Numbers the paths of call trees: siblings of one function are one path, and two trees share the
 * numbers of their common paths. Writes the path of each node to `number`, which has room for all
 * nodes. `paths` is empty or has the paths of another tree. A pair is (path of the caller,
 * function); callers come first. `function_of` maps the functions of the tree; NULL keeps them.
 * Does not change the tallies. KM_ENOMEM. */
int km_paths_number(km_pairs *paths, const km_tree *tree, const uint32_t *function_of,
		    uint32_t *number);

#endif
