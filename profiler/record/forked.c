#include "profiler/record/forked.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "profiler/record/enter.h"

/* Copies of the open frames of the thread that forks, current first. They are taken before the
 * fork: the parent may change the shared originals at once. */
static __thread struct {
	km_recorder *recorder; /* NULL when the thread records nothing that is shared */
	km_recorder header;
	km_node root;
	km_node *frames;
	uint32_t count, in_tree; /* the last `in_tree` of `count` are nodes of the tree */
} saved;

static void save(void)
{
	km_recorder *recorder = km_record_recorder;

	saved.recorder = NULL;
	if (!km_record_current || !recorder->layout.shared)
		return;
	km_node *root = km_recorder_root(recorder), *overflow = km_recorder_frames(recorder);
	saved.recorder = recorder;
	saved.header = *recorder;
	saved.root = *root;
	saved.count = saved.in_tree = 0;
	for (km_node *node = km_record_current; node != root; node = km_node_parent(node))
		saved.count++;
	saved.frames = malloc((saved.count + 1) * sizeof *saved.frames);
	if (!saved.frames)
		return;
	km_node *to = saved.frames;
	for (km_node *node = km_record_current; node != root; node = km_node_parent(node)) {
		saved.in_tree += node < overflow;
		*to++ = *node;
	}
}

static void forget(void)
{
	if (saved.recorder)
		free(saved.frames);
	saved.recorder = NULL;
}

/* Puts a copy in its place, without children. */
static void put(km_recorder *recorder, km_node *node, km_node *parent, const km_node *frame)
{
	*node = *frame;
	node->parent = km_node_link(node, parent);
	node->last = km_node_link(node, km_recorder_node(recorder, KM_RECORDER_SENTINEL));
	node->successor = 0;
	node->first_child = node->sibling = 0;
	node->child_count = node->table = 0;
}

static void put_in_tree(km_recorder *recorder, km_node *node, km_node *parent, const km_node *frame)
{
	put(recorder, node, parent, frame);
	parent->first_child = km_node_link(parent, node);
	parent->child_count = 1;
	recorder->node_count++;
}

static void put_in_overflow(km_recorder *recorder, km_node *node, km_node *parent,
			    const km_node *frame)
{
	put(recorder, node, parent, frame);
	node->callee_ticks = frame->callee_ticks;
	km_recorder_tallies(recorder)[node->function].active++;
	recorder->overflow_calls++;
}

/* Runs in the child's only thread. Aborts when memory runs out: without its frames the thread has
 * no return addresses. */
static void separate(void)
{
	km_recorder *recorder = saved.recorder;

	if (!recorder)
		return;
	/* The runtime of a sanitizer makes library calls, which would be recorded. */
	km_record_current = NULL;
	km_recorder_layout layout = saved.header.layout;
	layout.shared = false;
	if (!saved.frames ||
	    mmap(recorder, layout.size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
		abort();
	madvise(recorder, layout.size, MADV_NOHUGEPAGE);
	km_recorder_restore(recorder, &layout);
	recorder->stack_low = saved.header.stack_low;
	recorder->stack_high = saved.header.stack_high;
	km_node *node = km_recorder_root(recorder), *next = node + 1;
	node->ticks = saved.root.ticks;
	for (uint32_t i = saved.count; i-- > 0; node = next++) {
		if (i == saved.count - saved.in_tree - 1)
			next = km_recorder_frames(recorder);
		if (i >= saved.count - saved.in_tree)
			put_in_tree(recorder, next, node, &saved.frames[i]);
		else
			put_in_overflow(recorder, next, node, &saved.frames[i]);
	}
	km_record_current = node;
	forget();
}

static void watch(void)
{
	pthread_atfork(save, forget, separate);
}

void km_forked_watch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
}
