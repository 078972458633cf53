#include "profiler/record/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "profiler/record/forked.h"

enum {
	PAGE = 4096,
	/* A recording that used more than this gives its pages back at reset. */
	KEEP_BYTES = 1 << 20,
	/* Words of child tables per node: a table is at most 3/4 full and twice the one before it.
	 */
	TABLE_WORDS_PER_NODE = 6,
};

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void make_root(km_recorder *recorder)
{
	km_node *sentinel = km_recorder_node(recorder, KM_RECORDER_SENTINEL);
	km_node *root = km_recorder_root(recorder);

	*sentinel = (km_node){.function = KM_NO_FUNCTION, .sp = KM_NODE_IDLE};
	*root = (km_node){.calls = 1, .sp = KM_NODE_IDLE};
	root->last = km_node_link(root, sentinel);
	recorder->node_count = KM_RECORDER_FIRST_NODE;
	recorder->table_count = 1;
	recorder->folded_calls = recorder->lost_calls = 0;
	recorder->fold_log.frame = 0;
}

km_recorder *km_recorder_new(size_t memory, uint32_t functions, bool shared)
{
	if (!memory)
		memory = KM_RECORDER_MEMORY_DEFAULT;
	if (memory > KM_RECORDER_MEMORY_MAX)
		memory = KM_RECORDER_MEMORY_MAX;
	if (memory < KM_RECORDER_MEMORY_MIN)
		memory = KM_RECORDER_MEMORY_MIN;

	/* The header, frames and folded functions come out of the bound first; a program with very
	 * many functions may need more than the smallest bound for them. */
	size_t frame_bytes = whole_pages(memory / 16);
	size_t folded_bytes = whole_pages((functions + 1) * sizeof(km_overflowed));
	size_t fixed = PAGE + frame_bytes + folded_bytes + 4 * PAGE;
	size_t per_node =
		sizeof(km_node) + sizeof(uint64_t) + TABLE_WORDS_PER_NODE * sizeof(uint32_t);
	size_t nodes = memory > fixed + 64 * per_node ? (memory - fixed) / per_node : 64;

	km_recorder_layout layout = {
		.node_capacity = (uint32_t)nodes,
		.table_capacity = (uint32_t)nodes * TABLE_WORDS_PER_NODE,
		.function_capacity = functions + 1,
		.frame_capacity = (uint32_t)(frame_bytes / sizeof(km_node)),
		.shared = shared,
	};
	layout.nodes = PAGE;
	layout.folded_ticks = layout.nodes + whole_pages(nodes * sizeof(km_node));
	layout.tables = layout.folded_ticks + whole_pages(nodes * sizeof(uint64_t));
	layout.folded = layout.tables + whole_pages(layout.table_capacity * sizeof(uint32_t));
	layout.frames = layout.folded + folded_bytes;
	layout.size = layout.frames + frame_bytes;

	km_recorder *recorder =
		mmap(NULL, layout.size, PROT_READ | PROT_WRITE,
		     (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (recorder == MAP_FAILED)
		return NULL;
	/* A small recording must not make the kernel clear two megabytes. */
	madvise(recorder, layout.size, MADV_NOHUGEPAGE);
	recorder->layout = layout;
	make_root(recorder);
	if (shared)
		km_forked_watch();
	return recorder;
}

void km_recorder_free(km_recorder *recorder)
{
	if (recorder)
		munmap(recorder, recorder->layout.size);
}

size_t km_recorder_memory(const km_recorder *recorder)
{
	size_t bytes = PAGE + whole_pages((km_recorder_tree_size(recorder) + 1) * sizeof(km_node)) +
		       whole_pages(recorder->table_count * sizeof(uint32_t));

	if (recorder->folded_calls) /* upper bound: these are touched here and there */
		bytes += recorder->layout.size - recorder->layout.folded + recorder->layout.tables -
			 recorder->layout.folded_ticks;
	return bytes;
}

/* Zeroes whole pages and gives them back. Pages locked in memory cannot go. */
static void drop(void *start, size_t size, bool shared)
{
	if (size && madvise(start, size, shared ? MADV_REMOVE : MADV_DONTNEED))
		memset(start, 0, size);
}

void km_recorder_reset(km_recorder *recorder)
{
	const km_recorder_layout *layout = &recorder->layout;
	char *start = (char *)recorder;
	size_t used = whole_pages((km_recorder_tree_size(recorder) + 1) * sizeof(km_node));

	if (used > KEEP_BYTES)
		drop(start + layout->nodes + KEEP_BYTES, used - KEEP_BYTES, layout->shared);
	/* Child tables and what was folded are expected to be zero when they are first used. */
	if (recorder->table_count > 1)
		drop(start + layout->tables, whole_pages(recorder->table_count * sizeof(uint32_t)),
		     layout->shared);
	if (recorder->folded_calls || recorder->lost_calls) {
		drop(start + layout->folded_ticks, layout->tables - layout->folded_ticks,
		     layout->shared);
		drop(start + layout->folded, layout->size - layout->folded, layout->shared);
	}
	make_root(recorder);
}

void km_recorder_restore(km_recorder *recorder, const km_recorder_layout *layout)
{
	drop(recorder, layout->size, layout->shared);
	recorder->layout = *layout;
	make_root(recorder);
}

void km_recorder_bind_stack(km_recorder *recorder)
{
	/* Reading the main thread's bounds parses /proc/self/maps: once a thread. */
	static __thread uint64_t low, high;

	if (!high) {
		pthread_attr_t attributes;
		void *start;
		size_t size;
		if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
			if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
				low = (uint64_t)(uintptr_t)start;
				high = low + size;
			}
			pthread_attr_destroy(&attributes);
		}
	}
	recorder->stack_low = low;
	recorder->stack_high = high;
}
