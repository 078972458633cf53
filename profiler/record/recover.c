/* A kill leaves one of these states, by the instruction of the stub (probe/stub_x86_64.S) it hit:
 *
 * - entry, before the clock is subtracted: the node has a return address and perhaps a count, and
 *   its ticks are those of an idle node. The call is not open.
 * - entry, after it: ticks < 0, the call is open.
 * - exit, after the clock is added: ticks >= 0, the call is closed whatever else the node holds.
 * - add_child: a node that no link leads to does not exist; a linked node may lack its count.
 * - km_overflow_exit: the log holds the values before the change. */
#include "profiler/record/recover.h"

#include "profiler/record/overflow.h"
#include "profiler/record/ticks.h"

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* Undoes a km_overflow_exit that did not finish: its frame is open again. */
static void undo_overflow_exit(km_recorder *recorder)
{
	const km_overflow_log *log = &recorder->overflow_log;
	const km_recorder_layout *layout = &recorder->layout;

	if (log->frame == 0 || log->frame > layout->frame_capacity)
		return;
	km_node *frame = km_recorder_frames(recorder) + log->frame - 1;
	if (frame->function >= layout->function_capacity)
		return;
	frame->ticks = log->ticks;
	km_recorder_tallies(recorder)[frame->function] = log->tally;
	if (log->frame > 1)
		frame[-1].callee_ticks = log->caller_ticks;
	else {
		uint32_t caller = km_reachable_linked(recorder, frame, frame->parent);
		km_recorder_overflow_ticks(recorder)[caller] = log->caller_ticks;
	}
	recorder->overflow_log.frame = 0;
}

/* Moves `died` behind the entry of every open call: a time that another process took may be a
 * little early. */
static uint64_t not_before_entries(km_recorder *recorder, const km_open_calls *open, uint64_t died)
{
	uint64_t now = km_ticks_now();
	km_node *root = km_recorder_root(recorder), *frames = km_recorder_frames(recorder);

	for (km_node *node = km_recorder_node(recorder, open->node); node >= root;
	     node = node == root ? root - 1 : km_node_parent(node))
		if (km_node_is_open(node) && -node->ticks <= now && -node->ticks > died)
			died = -node->ticks;
	for (uint32_t i = 0; i < open->overflowed; i++)
		if (km_node_is_open(&frames[i]) && -frames[i].ticks <= now &&
		    -frames[i].ticks > died)
			died = -frames[i].ticks;
	return died;
}

static void close_overflow(km_recorder *recorder, const km_open_calls *open, uint64_t died)
{
	km_overflow_tally *tallies = km_recorder_tallies(recorder);
	km_node *frames = km_recorder_frames(recorder);

	for (uint32_t id = 0; id < recorder->layout.function_capacity; id++)
		tallies[id].active = 0;
	for (uint32_t i = 0; i < open->overflowed; i++) {
		km_node *caller = i ? &frames[i - 1] : km_recorder_node(recorder, open->node);
		frames[i].parent = km_node_link(&frames[i], caller);
		tallies[frames[i].function].active++;
	}
	for (uint32_t i = open->overflowed; i-- > 0;) {
		if (!km_node_is_open(&frames[i])) /* a signal interrupted its entry */
			frames[i].ticks = frames[i].callee_ticks - died;
		km_overflow_exit(recorder, &frames[i], died);
	}
	recorder->overflow_calls = 0;
	for (uint32_t id = 0; id < recorder->layout.function_capacity; id++)
		recorder->overflow_calls += tallies[id].calls;
}

/* Ends the open nodes. From here on return_address holds the time spent below a node. */
static void close_nodes(km_recorder *recorder, const km_reachable *reachable, uint64_t died)
{
	for (uint32_t i = KM_RECORDER_ROOT; i < reachable->count; i++) {
		km_node *node = km_recorder_node(recorder, i);
		if (!km_reachable_has(reachable, i))
			continue;
		if (km_node_is_open(node))
			node->ticks += died;
		if (node->ticks > died)
			node->ticks = 0; /* not a time of this recording */
		if (node->calls == 0)
			node->calls = 1;
		node->return_address = 0;
	}
}

/* Gives each caller at least the time of its callees. A call whose entry a signal interrupted has
 * no time of its own. */
static void raise_callers(km_recorder *recorder, const km_reachable *reachable)
{
	for (uint32_t i = reachable->count; i-- > KM_RECORDER_ROOT;) {
		km_node *node = km_recorder_node(recorder, i);
		if (!km_reachable_has(reachable, i))
			continue;
		uint64_t below = node->return_address;
		if (recorder->overflow_calls)
			below = add(below, km_recorder_overflow_ticks(recorder)[i]);
		if (node->ticks < below)
			node->ticks = below;
		if (i == KM_RECORDER_ROOT)
			break;
		km_node *parent = km_node_parent(node);
		parent->return_address = add(parent->return_address, node->ticks);
	}
}

/* Moves the reachable nodes together, in their order. Meanwhile `successor` holds a node's new
 * index and `parent` that of its parent. */
static void close_gaps(km_recorder *recorder, const km_reachable *reachable, uint32_t *index)
{
	uint64_t *overflow_ticks = km_recorder_overflow_ticks(recorder);
	uint32_t count = KM_RECORDER_ROOT;

	for (uint32_t i = KM_RECORDER_ROOT; i < reachable->count; i++) {
		km_node *node = km_recorder_node(recorder, i);
		if (!km_reachable_has(reachable, i))
			continue;
		node->parent = i == KM_RECORDER_ROOT ? 0 : km_node_parent(node)->successor;
		node->successor = (int32_t)count++;
	}
	*index = (uint32_t)km_recorder_node(recorder, *index)->successor;
	for (uint32_t i = KM_RECORDER_ROOT; i < reachable->count; i++) {
		km_node *from = km_recorder_node(recorder, i);
		if (!km_reachable_has(reachable, i))
			continue;
		uint32_t to = (uint32_t)from->successor, parent = (uint32_t)from->parent;
		km_node *node = km_recorder_node(recorder, to);
		if (to != i) {
			*node = *from;
			if (recorder->overflow_calls)
				overflow_ticks[to] = overflow_ticks[i];
		}
		node->parent = parent ? km_node_link(node, km_recorder_node(recorder, parent)) : 0;
		node->return_address = 0;
		node->sp = KM_NODE_IDLE;
	}
	recorder->node_count = count;
}

int km_recorder_recover(km_recorder *recorder, const km_recorder_layout *layout, uint64_t died,
			km_open_calls *open)
{
	km_reachable reachable;
	km_node *root;

	*open = (km_open_calls){0};
	recorder->layout = *layout;
	if (recorder->node_count < KM_RECORDER_FIRST_NODE)
		recorder->node_count = KM_RECORDER_FIRST_NODE;
	if (recorder->table_count > layout->table_capacity)
		recorder->table_count = layout->table_capacity;
	root = km_recorder_root(recorder);
	root->function = 0;
	root->parent = 0;
	undo_overflow_exit(recorder);
	int failed = km_reachable_find(&reachable, recorder);
	if (!failed)
		failed = km_open_calls_find(open, recorder, &reachable);
	if (!failed) {
		died = not_before_entries(recorder, open, died);
		if (recorder->overflow_calls)
			close_overflow(recorder, open, died);
		close_nodes(recorder, &reachable, died);
		raise_callers(recorder, &reachable);
		close_gaps(recorder, &reachable, &open->node);
	}
	km_reachable_finish(&reachable);
	return failed;
}
