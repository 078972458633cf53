/* A call tree in depth-first order and whole nanoseconds, for formats of paths. */
#ifndef KM_EXPORT_TIMELINE_H
#define KM_EXPORT_TIMELINE_H

#include "profiler/stats/stats.h"

typedef struct km_timeline_node {
	uint32_t function;
	uint32_t parent; /* a lower index; the first node is the root and its own parent */
	uint32_t depth;	 /* 0 for the root */
	uint64_t calls;
	uint64_t own, total; /* nanoseconds; total = own + those of the children */
} km_timeline_node;

/* The recorder sums the calls of one path. So a node is one block of time: its own time first, then
 * its children one after the other. */
typedef struct km_timeline {
	const km_function *functions;
	uint32_t function_count;
	km_timeline_node *nodes;
	uint32_t count;
	uint64_t duration;	    /* the root's total */
	km_function *own_functions; /* NULL when they are borrowed */
} km_timeline;

/* Lays out an exact tree. Rounds positions instead of durations, so that the total of a node
 * differs from its ticks by less than a nanosecond. A node whose children have more ticks than
 * itself has no own time. Borrows the functions. KM_ENOMEM. */
int km_timeline_from_tree(km_timeline *timeline, const km_tree *tree);
/* Lays out rows of a profile without a tree. Below a root that says so comes each function with its
 * calls that have no caller, and below it what it called itself, no deeper. Calls and own times are
 * exact by function. Owns the functions, borrows their texts. KM_ENOMEM. */
int km_timeline_from_rows(km_timeline *timeline, const km_stats *stats);
/* Also after a failed init. */
void km_timeline_finish(km_timeline *timeline);

/* The frames of a path. A stack of more than KM_STACK_FRAMES lacks its middle, because stacks of a
 * deep recursion take quadratic space. */
enum { KM_STACK_FRAMES = 256, KM_STACK_TOP = KM_STACK_FRAMES / 2, KM_STACK_CUT = UINT32_MAX };

typedef struct km_stack {
	uint32_t top[KM_STACK_TOP]; /* functions of the outermost frames, reused by the next node */
	uint32_t
		frames[KM_STACK_FRAMES]; /* functions, leaf first; KM_STACK_CUT for left out ones */
	uint32_t count;
	uint32_t left_out;
} km_stack;

/* Called for each node in turn, from the first. */
void km_stack_enter(km_stack *stack, const km_timeline *timeline, uint32_t node);

#endif
