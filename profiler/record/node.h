/* A node of the call tree: a function reached by one path of calls.
 *
 * A node is active at most once on a thread's stack, because recursion makes a child. So it is the
 * frame of the shadow stack as well: the stub stores the return address in it, subtracts the clock
 * from its ticks at entry and adds the clock at exit. A node is one cache line of 64 bytes.
 * probe/stub_x86_64.S uses the offsets; the assertion below fails to compile when they move.
 *
 * Links are byte distances from the node itself: a tree reads the same wherever it is mapped, and
 * following a link costs one addition. */
#ifndef KM_RECORD_NODE_H
#define KM_RECORD_NODE_H

#ifdef __ASSEMBLER__
#define NODE_FUNCTION  0
#define NODE_LAST      4
#define NODE_PARENT    8
#define NODE_SUCCESSOR 12
#define NODE_CALLS     16
#define NODE_TICKS     24
#define NODE_RETURN    32
#define NODE_SP	       40
#else
#include <stddef.h>
#include <stdint.h>

typedef struct km_node {
	uint32_t function; /* id of the probe's function table; 0 for the root */
	int32_t last;	   /* the child entered last, the sentinel before the first */
	int32_t parent;
	int32_t successor; /* the sibling entered after this one, the last time */
	uint64_t calls;
	uint64_t ticks; /* cumulative; minus the tick of its entry while the node is active */
	uint64_t return_address; /* while active */
	uint64_t sp;		 /* above the return address while active, else KM_NODE_IDLE */
	union {
		struct {		     /* in the tree */
			int32_t first_child; /* 0 for none */
			int32_t sibling;     /* the next one, 0 for the last */
			uint32_t child_count;
			uint32_t table; /* index of its child table in the table words, 0: none */
		};
		uint64_t callee_ticks; /* in an overflow frame: spent in its callees */
	};
} km_node;

#define KM_NODE_IDLE	 UINT64_MAX
/* Marks an overflow frame: subtracted from its sp, so that its exit never takes the stub's short
 * path, and set in the pointer that km_record_enter returns to the stub. */
#define KM_NODE_OVERFLOW ((uint64_t)1)
#define KM_NO_FUNCTION	 UINT32_MAX

_Static_assert(sizeof(km_node) == 64 && offsetof(km_node, function) == 0 &&
		       offsetof(km_node, last) == 4 && offsetof(km_node, parent) == 8 &&
		       offsetof(km_node, successor) == 12 && offsetof(km_node, calls) == 16 &&
		       offsetof(km_node, ticks) == 24 && offsetof(km_node, return_address) == 32 &&
		       offsetof(km_node, sp) == 40,
	       "probe/stub_x86_64.S uses these offsets");

static inline km_node *km_node_at(km_node *node, int32_t link)
{
	return (km_node *)((char *)node + link);
}

static inline int32_t km_node_link(const km_node *from, const km_node *to)
{
	return (int32_t)((const char *)to - (const char *)from);
}

/* Stack pointers are multiples of 8. */
static inline uint64_t km_node_sp(const km_node *node)
{
	return (node->sp + KM_NODE_OVERFLOW) & ~(uint64_t)7;
}

static inline km_node *km_node_parent(km_node *node)
{
	return km_node_at(node, node->parent);
}
#endif
#endif
