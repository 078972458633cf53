#include "profiler/record/reachable.h"

#include <stdlib.h>

#include "profiler/record/functions.h"

uint32_t km_reachable_linked(km_recorder *recorder, const km_node *from, int32_t link)
{
	const char *nodes = (const char *)km_recorder_node(recorder, 0);
	int64_t at = (const char *)from - nodes + link, size = sizeof(km_node);

	return link && at > 0 && at % size == 0 && at / size < recorder->layout.node_capacity
		       ? (uint32_t)(at / size)
		       : 0;
}

static uint32_t parent_of(km_recorder *recorder, uint32_t index)
{
	const km_node *node = km_recorder_node(recorder, index);
	uint32_t parent = km_reachable_linked(recorder, node, node->parent);

	return parent < index ? parent : 0;
}

/* Marks the node behind a link as a child of `parent`. Returns its index, or 0 when the node cannot
 * be one or was found before. */
static uint32_t follow(km_reachable *reachable, km_recorder *recorder, uint32_t parent,
		       const km_node *from, int32_t link)
{
	uint32_t child = km_reachable_linked(recorder, from, link);

	if (child <= parent || child >= reachable->count || km_reachable_has(reachable, child) ||
	    parent_of(recorder, child) != parent)
		return 0;
	uint32_t function = km_recorder_node(recorder, child)->function;
	if (function == 0 || function > km_function_count)
		return 0;
	reachable->bits[child / 64] |= (uint64_t)1 << child % 64;
	return child;
}

int km_reachable_find(km_reachable *reachable, km_recorder *recorder)
{
	uint32_t node = KM_RECORDER_ROOT, depth = 0, deepest = 0;

	*reachable = (km_reachable){.count = KM_RECORDER_ROOT + km_recorder_tree_size(recorder),
				    .deepest_open = node};
	reachable->bits = calloc(reachable->count / 64 + 1, sizeof *reachable->bits);
	if (!reachable->bits)
		return KM_ENOMEM;
	reachable->bits[0] |= 1 << KM_RECORDER_ROOT;
	while (node) {
		const km_node *at = km_recorder_node(recorder, node);
		if (depth > deepest && km_node_is_open(at)) {
			deepest = depth;
			reachable->deepest_open = node;
		}
		uint32_t next = follow(reachable, recorder, node, at, at->first_child);
		depth += next != 0;
		while (!next && node > KM_RECORDER_ROOT) {
			uint32_t parent = parent_of(recorder, node);
			at = km_recorder_node(recorder, node);
			next = parent ? follow(reachable, recorder, parent, at, at->sibling) : 0;
			if (!next) {
				node = parent;
				depth--;
			}
		}
		node = next;
	}
	return 0;
}

void km_reachable_finish(km_reachable *reachable)
{
	free(reachable->bits);
	*reachable = (km_reachable){0};
}
