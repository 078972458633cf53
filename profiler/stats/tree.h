/* The exact call tree of one recording as plain arrays: what the recorder hands to the stats
 * engine, and what a dump carries. */
#ifndef KM_STATS_TREE_H
#define KM_STATS_TREE_H

#include <stdint.h>

/* pstats' key: ("~", 0, "<built-in function sleep>") for what has no file. UTF-8. */
typedef struct km_function {
	const char *file;
	int line;
	const char *name;
} km_function;

typedef struct km_tree_node {
	uint32_t function; /* index into functions */
	uint32_t parent; /* index of a node before this one; the root (node 0) is its own parent */
	uint64_t calls;
	uint64_t ticks; /* cumulative: own and below */
} km_tree_node;

/* Calls that no longer found room in the tree, by function, with cProfile's four numbers. Their
 * caller is the (other) function. */
typedef struct km_tree_folded {
	uint32_t function;
	uint64_t calls, primitive_calls;
	uint64_t own_ticks, cumulative_ticks;
} km_tree_folded;

/* Parents stand before their children; siblings may repeat a function (they are summed). Where
 * calls were folded, their caller has one child whose function is `other`, calls 0, ticks what was
 * folded there; those ticks are accounted once more, by function, in `folded`. */
typedef struct km_tree {
	km_function *functions; /* no two are equal */
	uint32_t function_count;
	uint32_t other; /* function index of (other), UINT32_MAX when nothing was folded */
	km_tree_node *nodes;
	uint32_t node_count; /* at least 1 */
	km_tree_folded *folded;
	uint32_t folded_count;
	double seconds_per_tick;
	double probe_seconds; /* measured cost of recording one call, already inside the times */
	uint64_t lost_calls;
} km_tree;

/* Frees a tree from malloc with its arrays, whether recorded or read from a file. The texts of its
 * functions belong to others. Accepts NULL. */
void km_tree_free(km_tree *tree);

#endif
