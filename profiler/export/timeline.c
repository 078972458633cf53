#include "profiler/export/timeline.h"

#include "profiler/stats/tree.h"

#include <komori/base.h>
#include <math.h>
#include <stdlib.h>

/* Far beyond any recording; sums of rounded values still fit in 64 bits. */
static const double LONGEST = 4e18;

/* Rounds monotonically: a later tick is never an earlier nanosecond. */
static uint64_t position(unsigned __int128 ticks, double nanoseconds_per_tick)
{
	double nanoseconds = (double)ticks * nanoseconds_per_tick;

	return nanoseconds < LONGEST ? (uint64_t)(nanoseconds + 0.5) : (uint64_t)LONGEST;
}

/* Returns the ticks of each node without those of its children, in the order of the tree. */
static uint64_t *own_ticks(const km_tree *tree)
{
	uint64_t *own = malloc(tree->node_count * sizeof *own);

	if (!own)
		return NULL;
	for (uint32_t i = 0; i < tree->node_count; i++)
		own[i] = tree->nodes[i].ticks;
	for (uint32_t i = 1; i < tree->node_count; i++) {
		uint64_t *left = &own[tree->nodes[i].parent];
		*left -= tree->nodes[i].ticks < *left ? tree->nodes[i].ticks : *left;
	}
	return own;
}

/* Sets `place` of each node of the tree to its index in the timeline. */
static void lay_out(km_timeline *timeline, const km_tree *tree, const km_tree_links *links,
		    const uint64_t *own, uint32_t *place)
{
	double nanoseconds_per_tick = tree->seconds_per_tick > 0 ? tree->seconds_per_tick * 1e9 : 0;
	unsigned __int128 ticks = 0;
	uint32_t node = 0, depth = 0;

	do {
		km_timeline_node *to = &timeline->nodes[timeline->count];
		place[node] = timeline->count++;
		to->function = tree->nodes[node].function;
		to->parent = place[tree->nodes[node].parent];
		to->depth = depth;
		to->calls = tree->nodes[node].calls;
		uint64_t start = position(ticks, nanoseconds_per_tick);
		ticks += own[node];
		to->own = to->total = position(ticks, nanoseconds_per_tick) - start;
		node = km_tree_links_next(links, tree, node, &depth);
	} while (node);
}

static void add_up(km_timeline *timeline)
{
	for (uint32_t i = timeline->count; --i > 0;)
		timeline->nodes[timeline->nodes[i].parent].total += timeline->nodes[i].total;
	timeline->duration = timeline->nodes[0].total;
}

int km_timeline_from_tree(km_timeline *timeline, const km_tree *tree)
{
	km_tree_links links;
	int result = km_tree_links_init(&links, tree);
	uint64_t *own = own_ticks(tree);
	uint32_t *place = malloc(tree->node_count * sizeof *place);

	*timeline =
		(km_timeline){.functions = tree->functions, .function_count = tree->function_count};
	timeline->nodes = malloc(tree->node_count * sizeof *timeline->nodes);
	if (!own || !place || !timeline->nodes)
		result = KM_ENOMEM;
	if (!result) {
		lay_out(timeline, tree, &links, own, place);
		add_up(timeline);
	}
	km_tree_links_finish(&links);
	free(own);
	free(place);
	return result;
}

void km_timeline_finish(km_timeline *timeline)
{
	free(timeline->own_functions);
	free(timeline->nodes);
}

void km_stack_enter(km_stack *stack, const km_timeline *timeline, uint32_t node)
{
	uint32_t depth = timeline->nodes[node].depth, near = KM_STACK_FRAMES;

	if (depth < KM_STACK_TOP)
		stack->top[depth] = timeline->nodes[node].function;
	stack->count = stack->left_out = 0;
	if (depth >= KM_STACK_FRAMES) {
		near = KM_STACK_FRAMES - KM_STACK_TOP - 1;
		stack->left_out = depth + 1 - (KM_STACK_FRAMES - 1);
	}
	for (uint32_t at = node; stack->count < near; at = timeline->nodes[at].parent) {
		stack->frames[stack->count++] = timeline->nodes[at].function;
		if (at == 0)
			return;
	}
	stack->frames[stack->count++] = KM_STACK_CUT;
	for (uint32_t at = KM_STACK_TOP; at-- > 0;)
		stack->frames[stack->count++] = stack->top[at];
}
