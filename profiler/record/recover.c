/* What a kill leaves behind, by the instruction of the stub (probe/stub_x86_64.S) it came at:
 *
 * - enter, before the clock: the node is parked, perhaps counted, its ticks are those of an idle
 * one: the call is not open;
 * - enter, clock subtracted: ticks < 0, the call is open;
 * - exit, clock added: ticks >= 0, the call is closed, whatever else is parked in its node;
 * - add_child: a node without a link to it is not there; a linked one may not be counted yet;
 * - km_overflow_exit: the log has what it was about to change. */
#include "profiler/record/recover.h"

#include "profiler/record/enter.h"
#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* A frame whose end was being accounted is open again. */
static void undo_fold_exit(km_recorder *recorder)
{
	const km_overflow_log *log = &recorder->fold_log;
	const km_recorder_layout *layout = &recorder->layout;

	if (log->frame == 0 || log->frame > layout->frame_capacity)
		return;
	km_node *frame = km_recorder_frames(recorder) + log->frame - 1;
	if (frame->function >= layout->function_capacity)
		return;
	frame->ticks = log->ticks;
	km_recorder_folded(recorder)[frame->function] = log->folded;
	if (log->frame > 1)
		frame[-1].callee_ticks = log->caller_ticks;
	else {
		uint32_t caller = km_reachable_linked(recorder, frame, frame->parent);
		km_recorder_folded_ticks(recorder)[caller] = log->caller_ticks;
	}
	recorder->fold_log.frame = 0;
}

/* `died` is a little early when somebody else's clock told it: no open call can have begun later.
 */
static uint64_t not_before_entries(km_recorder *recorder, const km_open_calls *open, uint64_t died)
{
	uint64_t now = km_ticks_now();
	km_node *root = km_recorder_root(recorder), *frames = km_recorder_frames(recorder);

	for (km_node *node = km_recorder_node(recorder, open->node); node >= root;
	     node = node == root ? root - 1 : km_node_parent(node))
		if (km_node_is_open(node) && -node->ticks <= now && -node->ticks > died)
			died = -node->ticks;
	for (uint32_t i = 0; i < open->folded; i++)
		if (km_node_is_open(&frames[i]) && -frames[i].ticks <= now &&
		    -frames[i].ticks > died)
			died = -frames[i].ticks;
	return died;
}

static void close_folded(km_recorder *recorder, const km_open_calls *open, uint64_t died)
{
	km_overflowed *folded = km_recorder_folded(recorder);
	km_node *frames = km_recorder_frames(recorder);

	for (uint32_t id = 0; id < recorder->layout.function_capacity; id++)
		folded[id].active = 0;
	for (uint32_t i = 0; i < open->folded; i++) {
		km_node *caller = i ? &frames[i - 1] : km_recorder_node(recorder, open->node);
		frames[i].parent = km_node_link(&frames[i], caller);
		folded[frames[i].function].active++;
	}
	for (uint32_t i = open->folded; i-- > 0;) {
		if (!km_node_is_open(&frames[i])) /* a signal came while it was entered */
			frames[i].ticks = frames[i].callee_ticks - died;
		km_overflow_exit(recorder, &frames[i], died);
	}
	recorder->folded_calls = 0;
	for (uint32_t id = 0; id < recorder->layout.function_capacity; id++)
		recorder->folded_calls += folded[id].calls;
}

/* Ends the open nodes; from here on return_address is scratch for the time below a node. */
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

/* Nobody took less time than what he called: a call that a signal interrupted while it was entered
 * has no time of its own. */
static void raise_callers(km_recorder *recorder, const km_reachable *reachable)
{
	for (uint32_t i = reachable->count; i-- > KM_RECORDER_ROOT;) {
		km_node *node = km_recorder_node(recorder, i);
		if (!km_reachable_has(reachable, i))
			continue;
		uint64_t below = node->return_address;
		if (recorder->folded_calls)
			below = add(below, km_recorder_folded_ticks(recorder)[i]);
		if (node->ticks < below)
			node->ticks = below;
		if (i == KM_RECORDER_ROOT)
			break;
		km_node *parent = km_node_parent(node);
		parent->return_address = add(parent->return_address, node->ticks);
	}
}

/* Moves the nodes that are there together, in their order. Their new index is kept in `successor`
 * meanwhile, their parent's in `parent`. */
static void close_gaps(km_recorder *recorder, const km_reachable *reachable, uint32_t *index)
{
	uint64_t *folded_ticks = km_recorder_folded_ticks(recorder);
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
			if (recorder->folded_calls)
				folded_ticks[to] = folded_ticks[i];
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
	undo_fold_exit(recorder);
	int failed = km_reachable_find(&reachable, recorder);
	if (!failed)
		failed = km_open_calls_find(open, recorder, &reachable);
	if (!failed) {
		died = not_before_entries(recorder, open, died);
		if (recorder->folded_calls)
			close_folded(recorder, open, died);
		close_nodes(recorder, &reachable, died);
		raise_callers(recorder, &reachable);
		close_gaps(recorder, &reachable, &open->node);
	}
	km_reachable_finish(&reachable);
	return failed;
}
