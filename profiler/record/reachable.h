/* The nodes of a recording that can be reached from the root by valid links. The recording may have
 * ended at any instruction, or may be overwritten: each link is checked before it is followed. */
#ifndef KM_RECORD_REACHABLE_H
#define KM_RECORD_REACHABLE_H

#include "profiler/record/recorder.h"

typedef struct km_reachable {
	uint64_t *bits;	       /* a set of node indices */
	uint32_t count;	       /* all indices are below this */
	uint32_t deepest_open; /* index of the innermost open node, the root when there is none */
} km_reachable;

/* Finds the nodes. Each has a function of this process and a reachable parent with a smaller index.
 * The layout in the recorder must be right. Time is bounded by the size of the tree. Returns 0 or
 * KM_ENOMEM. */
int km_reachable_find(km_reachable *reachable, km_recorder *recorder);
/* Accepts a zeroed `reachable`. */
void km_reachable_finish(km_reachable *reachable);

static inline bool km_reachable_has(const km_reachable *reachable, uint32_t index)
{
	return index < reachable->count && (reachable->bits[index / 64] >> index % 64 & 1);
}

/* The index of the node that `link` leads to from `from`, a node or a frame; 0 for none. */
uint32_t km_reachable_linked(km_recorder *recorder, const km_node *from, int32_t link);

/* While a node is active, the tick of its entry is subtracted, which is larger than its time. */
static inline bool km_node_is_open(const km_node *node)
{
	return (int64_t)node->ticks < 0;
}

#endif
