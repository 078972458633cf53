/* When the tree is full: calls are still recorded, each in an overflow frame on a stack of its own,
 * and summed by function by cProfile's rules (Modules/_lsprof.c), so that counts and own times stay
 * exact; what is lost is by which path the function was called. */
#include "profiler/record/enter.h"

/* Whether the function is active in the tree between `caller` and the root: then its folded calls
 * are recursive ones. A node's ancestors never change, so the last answer is kept. */
static int is_among_ancestors(km_recorder *recorder, km_node *caller, uint32_t function)
{
	km_overflowed *folded = km_recorder_folded(recorder) + function;
	uint32_t index = km_recorder_index(recorder, caller);

	if (folded->caller == index)
		return (int)folded->in_ancestors;
	km_node *root = km_recorder_root(recorder), *node = caller;
	while (node != root && node->function != function)
		node = km_node_parent(node);
	folded->caller = index;
	folded->in_ancestors = node != root;
	return (int)folded->in_ancestors;
}

uint64_t *km_overflow_caller_ticks(km_recorder *recorder, km_node *frame)
{
	km_node *caller = km_node_parent(frame);

	if (caller >= km_recorder_frames(recorder))
		return &caller->callee_ticks;
	return km_recorder_folded_ticks(recorder) + km_recorder_index(recorder, caller);
}

uint64_t km_overflow_enter(km_recorder *recorder, km_node *current, uint32_t function)
{
	km_node *frames = km_recorder_frames(recorder);
	/* Below an overflow frame there are only overflow frames: the place follows from the
	 * caller, so that a signal handler never takes one that is in use. */
	km_node *frame = current >= frames ? current + 1 : frames;

	if (frame == frames + recorder->layout.frame_capacity ||
	    function >= recorder->layout.function_capacity) {
		recorder->lost_calls++;
		return 0;
	}
	frame->function = function;
	frame->last = km_node_link(frame, km_recorder_node(recorder, KM_RECORDER_SENTINEL));
	frame->parent = km_node_link(frame, current);
	frame->ticks = 0;
	frame->callee_ticks = 0;
	km_recorder_folded(recorder)[function].active++;
	recorder->folded_calls++;
	return (uint64_t)(uintptr_t)frame | KM_NODE_OVERFLOW;
}

/* The process may die at any instruction; km_recorder_recover reads what is left then, by the order
 * in which the compiler leaves these stores. */
#define IN_ORDER() __asm__ volatile("" ::: "memory")

void km_overflow_exit(km_recorder *recorder, km_node *frame, uint64_t now)
{
	km_overflowed *folded = km_recorder_folded(recorder) + frame->function;
	km_overflow_log *log = &recorder->fold_log;
	uint64_t *caller_ticks = km_overflow_caller_ticks(recorder, frame);
	uint64_t total = frame->ticks + now;

	log->ticks = frame->ticks;
	log->caller_ticks = *caller_ticks;
	log->folded = *folded;
	IN_ORDER();
	log->frame = (uint32_t)(frame - km_recorder_frames(recorder)) + 1;
	IN_ORDER();
	folded->calls++;
	folded->own_ticks += total - frame->callee_ticks;
	*caller_ticks += total;
	if (--folded->active == 0) {
		km_node *last_in_tree = km_node_parent(km_recorder_frames(recorder));
		if (!is_among_ancestors(recorder, last_in_tree, frame->function)) {
			folded->primitive_calls++;
			folded->cumulative_ticks += total;
		}
	}
	frame->ticks = 0; /* no longer open: its stub still adds the time now */
	IN_ORDER();
	log->frame = 0;
}
