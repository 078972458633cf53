#include "profiler/record/enter.h"

#include "profiler/record/functions.h"
#include "profiler/record/overflow.h"
#include "profiler/record/ticks.h"

__thread km_node *km_record_current;
__thread km_recorder *km_record_recorder;

enum {
	LIST_MAX = 16, /* children; more of them get a hash table */
	TABLE_MIN = 64,
};

/* A table is an array of words in the recorder: its capacity (a power of two), then the indices of
 * nodes, 0 for a free slot. */
static uint32_t slot_of(uint32_t function, uint32_t capacity)
{
	return (function * 2654435761u >> 7) & (capacity - 1);
}

static void table_put(km_recorder *recorder, uint32_t table, uint32_t node)
{
	uint32_t *words = km_recorder_tables(recorder) + table;
	uint32_t capacity = words[0], function = km_recorder_node(recorder, node)->function;
	uint32_t slot = slot_of(function, capacity);

	while (words[1 + slot])
		slot = (slot + 1) & (capacity - 1);
	words[1 + slot] = node;
}

static km_node *table_get(km_recorder *recorder, uint32_t table, uint32_t function)
{
	uint32_t *words = km_recorder_tables(recorder) + table;
	uint32_t capacity = words[0];

	for (uint32_t slot = slot_of(function, capacity); words[1 + slot];
	     slot = (slot + 1) & (capacity - 1)) {
		km_node *child = km_recorder_node(recorder, words[1 + slot]);
		if (child->function == function)
			return child;
	}
	return NULL;
}

/* Gives `parent` a bigger table of all its children. One store publishes it, so that a signal
 * handler sees either the old table or the new one. Keeps the old table, or the list, when there is
 * no room for another. */
static void table_grow(km_recorder *recorder, km_node *parent)
{
	uint32_t old = parent->table;
	uint32_t capacity = old ? km_recorder_tables(recorder)[old] * 2 : TABLE_MIN;
	uint32_t table = __atomic_fetch_add(&recorder->table_count, capacity + 1, __ATOMIC_RELAXED);

	if (table + capacity + 1 > recorder->layout.table_capacity) {
		__atomic_fetch_sub(&recorder->table_count, capacity + 1, __ATOMIC_RELAXED);
		return;
	}
	km_recorder_tables(recorder)[table] = capacity;
	for (km_node *child = km_node_at(parent, parent->first_child); child != parent;) {
		table_put(recorder, table, km_recorder_index(recorder, child));
		child = child->sibling ? km_node_at(child, child->sibling) : parent;
	}
	__atomic_store_n(&parent->table, table, __ATOMIC_RELEASE);
}

static km_node *find_child(km_recorder *recorder, km_node *parent, uint32_t function)
{
	if (parent->table) {
		/* A table fuller than 3/4 could not grow: the list has the other children. */
		km_node *found = table_get(recorder, parent->table, function);
		if (found ||
		    parent->child_count <= km_recorder_tables(recorder)[parent->table] / 4 * 3)
			return found;
	}
	if (!parent->first_child)
		return NULL;
	km_node *child = km_node_at(parent, parent->first_child);
	while (child->function != function) {
		if (!child->sibling)
			return NULL;
		child = km_node_at(child, child->sibling);
	}
	return child;
}

/* Adds a child. A signal handler that interrupts this may add the same child: then the function has
 * two nodes below this parent, and readers sum them. The node is linked only once it is complete,
 * because the process may die at any instruction and another one reads the tree then. */
static km_node *add_child(km_recorder *recorder, km_node *parent, uint32_t function)
{
	uint32_t index = __atomic_fetch_add(&recorder->node_count, 1, __ATOMIC_RELAXED);

	if (index >= recorder->layout.node_capacity) {
		__atomic_fetch_sub(&recorder->node_count, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	km_node *child = km_recorder_node(recorder, index);
	child->function = function;
	child->last = km_node_link(child, km_recorder_node(recorder, KM_RECORDER_SENTINEL));
	child->parent = km_node_link(child, parent);
	child->successor = 0;
	child->calls = child->ticks = 0;
	child->sp = KM_NODE_IDLE;
	child->first_child = 0;
	child->child_count = child->table = 0;

	int32_t first = parent->first_child;
	do
		child->sibling = first ? km_node_link(child, km_node_at(parent, first)) : 0;
	while (!__atomic_compare_exchange_n(&parent->first_child, &first,
					    km_node_link(parent, child), 0, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	uint32_t count = ++parent->child_count;
	if (parent->table && count <= km_recorder_tables(recorder)[parent->table] / 4 * 3)
		table_put(recorder, parent->table, index);
	else if (parent->table || count > LIST_MAX)
		table_grow(recorder, parent);
	return child;
}

static int is_overflow_frame(km_recorder *recorder, const km_node *node)
{
	return node >= km_recorder_frames(recorder);
}

uint64_t km_record_enter(km_node *current, uint32_t function)
{
	km_recorder *recorder = km_record_recorder;

	if (is_overflow_frame(recorder, current))
		return km_overflow_enter(recorder, current, function);
	km_node *child = find_child(recorder, current, function);
	if (!child)
		child = add_child(recorder, current, function);
	if (!child)
		return km_overflow_enter(recorder, current, function);
	km_node *last = km_node_at(current, current->last);
	if (last->function != KM_NO_FUNCTION)
		last->successor = km_node_link(last, child);
	current->last = km_node_link(current, child);
	return (uint64_t)(uintptr_t)child;
}

static int on_stack(const km_recorder *recorder, uint64_t sp)
{
	return sp >= recorder->stack_low && sp <= recorder->stack_high;
}

/* Ends a frame that did not return by itself. A frame on another stack than the thread's keeps its
 * sp: if its body returns after all, km_record_resync finds the frame by it. */
static km_node *close_frame(km_recorder *recorder, km_node *node, uint64_t now)
{
	if (is_overflow_frame(recorder, node))
		km_overflow_exit(recorder, node, now);
	else
		node->ticks += now;
	if (on_stack(recorder, km_node_sp(node)))
		node->sp = KM_NODE_IDLE;
	return km_node_parent(node);
}

/* Whether a longjmp to a frame at `sp` on the thread's stack left `node` behind. A frame on another
 * stack belongs to a signal handler, and ends with the frame that the signal interrupted. */
static int is_left_behind(km_recorder *recorder, km_node *node, uint64_t sp,
			  uint64_t return_address)
{
	km_node *root = km_recorder_root(recorder), *own = node;

	while (own != root && !on_stack(recorder, km_node_sp(own)))
		own = km_node_parent(own);
	if (own == root)
		return 1;
	if (km_node_sp(own) != sp)
		return km_node_sp(own) < sp;
	/* A frame that made a tail call is still open: it waits for its callee's return. */
	return return_address != km_functions[own->function].exit;
}

km_node *km_record_drop_stale(km_node *current, uint64_t sp, uint64_t return_address)
{
	km_recorder *recorder = km_record_recorder;
	km_node *root = km_recorder_root(recorder);
	uint64_t now = 0;

	/* A signal handler's own stack says nothing about the frames on the thread's stack. */
	if (!on_stack(recorder, sp))
		return current;
	while (current != root && is_left_behind(recorder, current, sp, return_address)) {
		if (!now)
			now = km_ticks_now();
		current = close_frame(recorder, current, now);
	}
	km_record_current = current;
	return current;
}

km_node *km_record_settle(uint64_t sp)
{
	return km_record_drop_stale(km_record_current, sp, 0);
}

/* Finds a node by its sp alone, for bodies that return on another stack than they started on. */
static km_node *find_anywhere(km_recorder *recorder, uint64_t sp)
{
	uint32_t count = km_recorder_tree_size(recorder);

	for (uint32_t i = 0; i < count; i++) {
		km_node *node = km_recorder_node(recorder, KM_RECORDER_ROOT + i);
		if (node->sp == sp)
			return node;
	}
	return NULL;
}

km_node *km_record_resync(uint64_t sp)
{
	km_recorder *recorder = km_record_recorder;
	km_node *root = km_recorder_root(recorder), *node = km_record_current;
	uint64_t now = km_ticks_now();

	while (node != root && km_node_sp(node) != sp)
		node = km_node_parent(node);
	if (node == root) {
		node = find_anywhere(recorder, sp);
		if (!node)
			__builtin_trap(); /* nothing can continue without a return address */
		km_record_current = node;
		node->ticks -= now;
		return node;
	}
	km_node *open = km_record_current;
	while (open != node)
		open = close_frame(recorder, open, now);
	km_record_current = node;
	if (is_overflow_frame(recorder, node))
		km_overflow_exit(recorder, node, now);
	return node;
}
