/* The memory of one recording: a single bounded mapping that holds the call tree, and the frames
 *and sums of calls that find no room in it. It has no pointers inside, so processes that map it at
 * different addresses can share it.
 *
 *	km_recorder | sentinel, root, nodes... | overflow ticks, one a node | child tables |
 *	tallies, one a function | overflow frames
 *
 * Only the pages that a recording touched take memory. */
#ifndef KM_RECORD_RECORDER_H
#define KM_RECORD_RECORDER_H

#include <komori/base.h>
#include <stdbool.h>

#include "profiler/record/node.h"

/* cProfile's numbers of one function, for its calls that found no room in the tree. */
typedef struct km_overflow_tally {
	uint64_t calls, primitive_calls;
	uint64_t own_ticks, cumulative_ticks;
	uint32_t active;       /* open overflow frames of the function */
	uint32_t caller;       /* index of the node whose ancestors were searched last ... */
	uint32_t in_ancestors; /* ... and whether the function is among them */
	uint32_t unused;
} km_overflow_tally;

/* Where the parts are. Never changes while the recorder lives. */
typedef struct km_recorder_layout {
	size_t size;					       /* bytes of the mapping */
	size_t nodes, overflow_ticks, tables, tallies, frames; /* bytes from its start */
	uint32_t node_capacity;
	uint32_t table_capacity; /* 32-bit words; word 0 is unused */
	uint32_t function_capacity;
	uint32_t frame_capacity;
	bool shared; /* with processes forked later */
} km_recorder_layout;

/* The values that km_overflow_exit is about to change, for a process that dies half-way. */
typedef struct km_overflow_log {
	uint32_t frame; /* index + 1 of the frame that ends, 0 outside of km_overflow_exit */
	uint64_t ticks, caller_ticks;
	km_overflow_tally tally;
} km_overflow_log;

typedef struct km_recorder {
	km_recorder_layout layout;
	uint32_t node_count; /* with sentinel and root; may exceed the capacity for a moment */
	uint32_t table_count;
	uint64_t overflow_calls;	/* in overflow frames */
	uint64_t lost_calls;		/* without room even there: ran unrecorded */
	uint64_t stack_low, stack_high; /* of the recording thread */
	km_overflow_log overflow_log;
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

static inline uint64_t *km_recorder_overflow_ticks(km_recorder *recorder)
{
	return (uint64_t *)((char *)recorder + recorder->layout.overflow_ticks);
}

static inline uint32_t *km_recorder_tables(km_recorder *recorder)
{
	return (uint32_t *)((char *)recorder + recorder->layout.tables);
}

static inline km_overflow_tally *km_recorder_tallies(km_recorder *recorder)
{
	return (km_overflow_tally *)((char *)recorder + recorder->layout.tallies);
}

static inline km_node *km_recorder_frames(km_recorder *recorder)
{
	return (km_node *)((char *)recorder + recorder->layout.frames);
}

/* The number of nodes in the tree, with the root and without the sentinel. */
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

/* Makes an empty recorder for function ids up to `functions`. `memory` bounds its bytes; 0 means
 * the default, and the value is brought into the limits above. `shared`: processes forked later see
 * it too; km_forked_watch then has to be on. Returns NULL with errno when the mapping failed. */
km_recorder *km_recorder_new(size_t memory, uint32_t functions, bool shared);
/* Accepts NULL. */
void km_recorder_free(km_recorder *recorder);
/* Empties the tree. The pages beyond a small recording go back to the system. */
void km_recorder_reset(km_recorder *recorder);
/* Empties a recorder that may hold anything: a process may have overwritten it. `layout` is a copy
 * that was kept elsewhere. All pages go back to the system. */
void km_recorder_restore(km_recorder *recorder, const km_recorder_layout *layout);
/* The bytes that the recording in it has touched. */
size_t km_recorder_memory(const km_recorder *recorder);

/* Stores the bounds of this thread's stack, by which frames that a longjmp left behind are found.
 * The first call in a thread takes up to a millisecond, later ones a few nanoseconds. */
void km_recorder_bind_stack(km_recorder *recorder);

#endif
