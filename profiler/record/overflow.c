#include "profiler/record/overflow.h"

/* Whether a node between `caller` and the root is of this function: then its calls are recursive.
 * A node's ancestors never change, so the last result is kept. */
static int is_among_ancestors(km_recorder *recorder, km_node *caller, uint32_t function)
{
	km_overflow_tally *tally = km_recorder_tallies(recorder) + function;
	uint32_t index = km_recorder_index(recorder, caller);

	if (tally->caller == index)
		return (int)tally->in_ancestors;
	km_node *root = km_recorder_root(recorder), *node = caller;
	while (node != root && node->function != function)
		node = km_node_parent(node);
	tally->caller = index;
	tally->in_ancestors = node != root;
	return (int)tally->in_ancestors;
}

/* Where the time of an overflow frame is summed for its caller. */
static uint64_t *caller_ticks_of(km_recorder *recorder, km_node *frame)
{
	km_node *caller = km_node_parent(frame);

	if (caller >= km_recorder_frames(recorder))
		return &caller->callee_ticks;
	return km_recorder_overflow_ticks(recorder) + km_recorder_index(recorder, caller);
}

uint64_t km_overflow_enter(km_recorder *recorder, km_node *current, uint32_t function)
{
	km_node *frames = km_recorder_frames(recorder);
	/* An overflow frame calls into overflow frames alone. So the caller decides the place, and
	 * a signal handler never takes one that is in use. */
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
	km_recorder_tallies(recorder)[function].active++;
	recorder->overflow_calls++;
	return (uint64_t)(uintptr_t)frame | KM_NODE_OVERFLOW;
}

/* Keeps the compiler from moving stores across. The process may die at any instruction, and
 * km_recorder_recover relies on the order of these stores. */
#define IN_ORDER() __asm__ volatile("" ::: "memory")

void km_overflow_exit(km_recorder *recorder, km_node *frame, uint64_t now)
{
	km_overflow_tally *tally = km_recorder_tallies(recorder) + frame->function;
	km_overflow_log *log = &recorder->overflow_log;
	uint64_t *caller_ticks = caller_ticks_of(recorder, frame);
	uint64_t total = frame->ticks + now;

	log->ticks = frame->ticks;
	log->caller_ticks = *caller_ticks;
	log->tally = *tally;
	IN_ORDER();
	log->frame = (uint32_t)(frame - km_recorder_frames(recorder)) + 1;
	IN_ORDER();
	tally->calls++;
	tally->own_ticks += total - frame->callee_ticks;
	*caller_ticks += total;
	if (--tally->active == 0) {
		km_node *last_in_tree = km_node_parent(km_recorder_frames(recorder));
		if (!is_among_ancestors(recorder, last_in_tree, frame->function)) {
			tally->primitive_calls++;
			tally->cumulative_ticks += total;
		}
	}
	frame->ticks = 0; /* no longer open; its stub adds `now` afterwards */
	IN_ORDER();
	log->frame = 0;
}
