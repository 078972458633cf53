/* Where one recording lives: a single mapping, bounded, that holds the call tree and what is needed
 * when the tree is full. No pointers inside, so the mapping may be shared and read from elsewhere.
 *
 *	km_recorder | sentinel, root, nodes... | folded ticks, one a node | child tables |
 *	folded functions | overflow frames
 *
 * Only pages that a recording touched take memory. */
#ifndef KM_RECORD_RECORDER_H
#define KM_RECORD_RECORDER_H

#include <komori/base.h>
#include <stdbool.h>

#include "profiler/record/node.h"

/* cProfile's numbers of a function's calls that found no room in the tree. */
typedef struct km_overflowed {
	uint64_t calls, primitive_calls;
	uint64_t own_ticks, cumulative_ticks;
	uint32_t active;       /* overflow frames of it on the stack */
	uint32_t caller;       /* the node whose ancestors were looked at last ... */
	uint32_t in_ancestors; /* ... and whether the function is among them */
	uint32_t unused;
} km_overflowed;

/* Where things are; never changes while the recorder lives. */
typedef struct km_recorder_layout {
	size_t size; /* bytes of the mapping */
	/* Bytes from the recorder's start. */
	size_t nodes, folded_ticks, tables, folded, frames;
	uint32_t node_capacity;
	uint32_t table_capacity; /* 32-bit words; word 0 is unused */
	uint32_t function_capacity;
	uint32_t frame_capacity;
	bool shared; /* with processes that were forked since */
} km_recorder_layout;

/* What km_overflow_exit is about to change, as it was: it may die half-way. */
typedef struct km_overflow_log {
	uint32_t frame; /* index + 1 of the frame that ends; 0: nothing is under way */
	uint64_t ticks, caller_ticks;
	km_overflowed folded;
} km_overflow_log;

typedef struct km_recorder {
	km_recorder_layout layout;
	uint32_t node_count; /* sentinel and root included; may run past the capacity */
	uint32_t table_count;
	uint64_t folded_calls, lost_calls;
	uint64_t stack_low, stack_high; /* of the recording thread */
	km_overflow_log fold_log;
} km_recorder;

enum { KM_RECORDER_SENTINEL, KM_RECORDER_ROOT, KM_RECORDER_FIRST_NODE };

static inline km_node *km_recorder_node(km_recorder *recorder, uint32_t index)
{
	return (km_node *)((char *)recorder + recorder->layout.nodes) + index;
}

static inline uint32_t km_recorder_index(km_recorder *recorder, const km_node *node)
{
	return (uint32_t)(node - km_recorder_node(recorder, 0));
}

static inline km_node *km_recorder_root(km_recorder *recorder)
{
	return km_recorder_node(recorder, KM_RECORDER_ROOT);
}

static inline uint64_t *km_recorder_folded_ticks(km_recorder *recorder)
{
	return (uint64_t *)((char *)recorder + recorder->layout.folded_ticks);
}

static inline uint32_t *km_recorder_tables(km_recorder *recorder)
{
	return (uint32_t *)((char *)recorder + recorder->layout.tables);
}

static inline km_overflowed *km_recorder_folded(km_recorder *recorder)
{
	return (km_overflowed *)((char *)recorder + recorder->layout.folded);
}

static inline km_node *km_recorder_frames(km_recorder *recorder)
{
	return (km_node *)((char *)recorder + recorder->layout.frames);
}

/* Nodes in the tree, root included, sentinel not. */
static inline uint32_t km_recorder_tree_size(const km_recorder *recorder)
{
	uint32_t used = recorder->node_count < recorder->layout.node_capacity
				? recorder->node_count
				: recorder->layout.node_capacity;
	return used - KM_RECORDER_ROOT;
}

enum {
	KM_RECORDER_MEMORY_MIN = 1 << 20,
	KM_RECORDER_MEMORY_MAX = 1536 << 20, /* links are 32 bits */
	KM_RECORDER_MEMORY_DEFAULT = 256 << 20,
};

/* An empty recorder for functions with ids below `functions`. `memory`: most bytes it may take,
 * brought into the limits above. `shared`: processes forked later see it too; a child that is
 * forked while it is recorded goes on in a copy of its own. NULL with errno when the mapping
 * failed. */
km_recorder *km_recorder_new(size_t memory, uint32_t functions, bool shared);
/* Accepts NULL. */
void km_recorder_free(km_recorder *recorder);
/* Empties the tree; pages beyond a small recording go back to the system. */
void km_recorder_reset(km_recorder *recorder);
/* The same whatever is in the mapping; `layout` is a copy that was kept. All pages go back. */
void km_recorder_restore(km_recorder *recorder, const km_recorder_layout *layout);
/* Bytes that the recording in it has touched. */
size_t km_recorder_memory(const km_recorder *recorder);

/* The thread's stack goes into the recorder, for telling frames that a longjmp left behind. The
 * first call in a thread takes up to a millisecond, later ones a few nanoseconds. */
void km_recorder_bind_stack(km_recorder *recorder);

#endif
