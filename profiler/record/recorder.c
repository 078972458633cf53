#include "profiler/record/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

enum {
	PAGE = 4096,
	KEEP_BYTES = 1 << 20, /* of nodes; reset gives the pages behind them back */
	/* A child table is at most 3/4 full, and twice as large as the one before it. */
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
	recorder->overflow_calls = recorder->lost_calls = 0;
	recorder->overflow_log.frame = 0;
}

km_recorder *km_recorder_new(size_t memory, uint32_t functions, bool shared)
{
	if (!memory)
		memory = KM_RECORDER_MEMORY_DEFAULT;
	if (memory > KM_RECORDER_MEMORY_MAX)
		memory = KM_RECORDER_MEMORY_MAX;
	if (memory < KM_RECORDER_MEMORY_MIN)
		memory = KM_RECORDER_MEMORY_MIN;

	/* Header, frames and tallies come out of `memory` first. The tallies of a program with very
	 * many functions may need more than KM_RECORDER_MEMORY_MIN. */
	size_t frame_bytes = whole_pages(memory / 16);
	size_t tally_bytes = whole_pages((functions + 1) * sizeof(km_overflow_tally));
	size_t fixed = PAGE + frame_bytes + tally_bytes + 4 * PAGE;
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
	layout.overflow_ticks = layout.nodes + whole_pages(nodes * sizeof(km_node));
	layout.tables = layout.overflow_ticks + whole_pages(nodes * sizeof(uint64_t));
	layout.tallies = layout.tables + whole_pages(layout.table_capacity * sizeof(uint32_t));
	layout.frames = layout.tallies + tally_bytes;
	layout.size = layout.frames + frame_bytes;

	km_recorder *recorder =
		mmap(NULL, layout.size, PROT_READ | PROT_WRITE,
		     (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (recorder == MAP_FAILED)
		return NULL;
	/* With huge pages, the kernel would clear two megabytes for a small recording. */
	madvise(recorder, layout.size, MADV_NOHUGEPAGE);
	recorder->layout = layout;
	make_root(recorder);
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

	if (recorder->overflow_calls) /* an upper bound: few of these pages are touched */
		bytes += recorder->layout.size - recorder->layout.tallies +
			 recorder->layout.tables - recorder->layout.overflow_ticks;
	return bytes;
}

/* Zeroes whole pages and gives them back to the system, but for pages locked in memory. */
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
	/* Child tables, overflow ticks and tallies have to be zero when they are first used. */
	if (recorder->table_count > 1)
		drop(start + layout->tables, whole_pages(recorder->table_count * sizeof(uint32_t)),
		     layout->shared);
	if (recorder->overflow_calls || recorder->lost_calls) {
		drop(start + layout->overflow_ticks, layout->tables - layout->overflow_ticks,
		     layout->shared);
		drop(start + layout->tallies, layout->size - layout->tallies, layout->shared);
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
	/* For the main thread pthread_getattr_np parses /proc/self/maps: done once a thread. */
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
