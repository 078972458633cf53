/* A call tree laid out for formats of paths: depth first, in whole nanoseconds. */
#ifndef KM_EXPORT_TIMELINE_H
#define KM_EXPORT_TIMELINE_H

#include "profiler/stats/stats.h"

typedef struct km_timeline_node {
	uint32_t function;
	uint32_t parent; /* stands before it; the first node is the root and its own parent */
	uint32_t depth;	 /* 0 for the root */
	uint64_t calls;
	uint64_t own, total; /* nanoseconds; total = own + those of the children */
} km_timeline_node;

/* A node follows its parent and all that the parent called before. Calls of one path were summed by
 * the recorder: a node is one block of time, its own time first, then its children one after the
 * other. */
typedef struct km_timeline {
	const km_function *functions;
	uint32_t function_count;
	km_timeline_node *nodes;
	uint32_t count;
	uint64_t duration;	    /* the root's total */
	km_function *own_functions; /* NULL where they are borrowed */
} km_timeline;

/* Of an exact tree. A node's total differs from its ticks by less than a nanosecond, however many
 * nodes are below it: positions are rounded, not durations. A node whose children have more ticks
 * than itself has no own time. Borrows the functions. KM_ENOMEM. */
int km_timeline_from_tree(km_timeline *timeline, const km_tree *tree);
/* Of rows, where the tree is not known: below a root that says so stands each function with what
 * has no caller, and below it what it called itself, no deeper. By function, calls and own times
 * are exact. The functions are the timeline's own, their texts borrowed. KM_ENOMEM. */
int km_timeline_from_rows(km_timeline *timeline, const km_stats *stats);
/* Accepts what a failed init left. */
void km_timeline_finish(km_timeline *timeline);

/* The frames of a path. Stacks of a deep recursion would take quadratic room: of more than
 * KM_STACK_FRAMES the middle is left out. */
enum { KM_STACK_FRAMES = 256, KM_STACK_TOP = KM_STACK_FRAMES / 2, KM_STACK_CUT = UINT32_MAX };

typedef struct km_stack {
	uint32_t top[KM_STACK_TOP]; /* functions of the outermost frames, kept from node to node */
	uint32_t frames[KM_STACK_FRAMES]; /* functions, leaf first; KM_STACK_CUT stands for many */
	uint32_t count;
	uint32_t left_out;
} km_stack;

/* To be called for each node in turn, from the first. */
void km_stack_enter(km_stack *stack, const km_timeline *timeline, uint32_t node);

#endif
