/* The exact call tree of one recording as plain arrays. Snapshots of a recorder and readers of
 * dumps make it; the stats engine, dumps, exports and the viewer read it. */
#ifndef KM_STATS_TREE_H
#define KM_STATS_TREE_H

#include <stdint.h>

/* pstats' key. A function without a file is ("~", 0, "<built-in function sleep>"). UTF-8. */
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

/* Calls that did not fit in the tree, by function, with cProfile's four numbers. Their caller is
 * the (other) function. */
typedef struct km_tree_folded {
	uint32_t function;
	uint64_t calls, primitive_calls;
	uint64_t own_ticks, cumulative_ticks;
} km_tree_folded;

/* Parents come before their children. Siblings may repeat a function; readers sum them. The caller
 * of folded calls has one child with function `other`, 0 calls and the ticks that were folded
 * there. `folded` has these ticks a second time, by function. */
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

/* Frees the tree and all that it holds; accepts NULL. The tree and its three arrays each come from
 * malloc. The maker of the tree owns the texts of functions. */
void km_tree_free(km_tree *tree);

/* The children of every node, for walks from the root that need no C stack. By node; 0 for none,
 * because the root has no parent. Siblings are in the order of the nodes. */
typedef struct km_tree_links {
	uint32_t *first_child, *next_sibling;
} km_tree_links;

/* KM_ENOMEM. */
int km_tree_links_init(km_tree_links *links, const km_tree *tree);
/* Also after a failed init. */
void km_tree_links_finish(km_tree_links *links);
/* Returns the node that follows `node` in depth-first order, or 0 behind the last. Updates `depth`
 * from that of `node` to that of the returned one. */
uint32_t km_tree_links_next(const km_tree_links *links, const km_tree *tree, uint32_t node,
			    uint32_t *depth);

#endif
