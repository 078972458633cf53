/* The nodes of a recording that may have been cut short at any instruction, or written over: those
 * that hang together, each checked before it is followed. */
#ifndef KM_RECORD_REACHABLE_H
#define KM_RECORD_REACHABLE_H

#include "profiler/record/recorder.h"

typedef struct km_reachable {
	uint64_t *bits;	       /* by node index */
	uint32_t count;	       /* indices are below this */
	uint32_t deepest_open; /* the root when no function is open */
} km_reachable;

/* Every node found has a function of this process, and a parent before it that was found too. The
 * layout in the recorder must be right. Time is bounded by the size of the tree. KM_ENOMEM. */
int km_reachable_find(km_reachable *reachable, km_recorder *recorder);
/* Accepts a zeroed one. */
void km_reachable_finish(km_reachable *reachable);

static inline bool km_reachable_has(const km_reachable *reachable, uint32_t index)
{
	return index < reachable->count && (reachable->bits[index / 64] >> index % 64 & 1);
}

/* The node that a link leads to from `from`, which may be any of the recorder's; 0 for none. */
uint32_t km_reachable_linked(km_recorder *recorder, const km_node *from, int32_t link);

/* While a node is active its ticks lack the time of its entry, which is more than they ever are. */
static inline bool km_node_is_open(const km_node *node)
{
	return (int64_t)node->ticks < 0;
}

#endif
