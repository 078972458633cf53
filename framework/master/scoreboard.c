#include "framework/master/scoreboard.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CACHE_LINE = 64 };

/* Returns the size with the request slots. Workers write their slots all the time: no two share a
 * cache line. */
static size_t slot_size(uint32_t threads)
{
	size_t size = sizeof(km_worker_slot) + threads * sizeof(km_thread_slot);

	return (size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

void km_scoreboard_clear_wakes(const km_scoreboard *scoreboard)
{
	uint64_t wakes;

	while (read(scoreboard->wake_fd, &wakes, sizeof wakes) > 0)
		;
}

km_worker_slot *km_scoreboard_slot(const km_scoreboard *scoreboard, size_t index)
{
	return (km_worker_slot *)(void *)(scoreboard->slots + index * scoreboard->slot_size);
}

/* Slots, and crash stacks behind them. */
static size_t mapped_size(const km_scoreboard *scoreboard)
{
	return scoreboard->count * (scoreboard->slot_size + sizeof(km_crash_stack));
}

int km_scoreboard_init(km_scoreboard *scoreboard, size_t count, uint32_t threads)
{
	*scoreboard = (km_scoreboard){
		.slot_size = slot_size(threads),
		.count = count,
		.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
	};
	void *memory = mmap(NULL, mapped_size(scoreboard), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	scoreboard->slots = memory == MAP_FAILED ? NULL : memory;
	if (!scoreboard->slots || scoreboard->wake_fd < 0) {
		km_scoreboard_finish(scoreboard);
		return KM_ENOMEM;
	}
	scoreboard->crash_stacks = (void *)(scoreboard->slots + count * scoreboard->slot_size);
	for (size_t i = 0; i < count; i++) {
		km_worker_slot *slot = km_scoreboard_slot(scoreboard, i);
		slot->threads = threads;
		slot->wake_fd = scoreboard->wake_fd;
		slot->index = (uint32_t)i;
		slot->count = (uint32_t)count;
	}
	return 0;
}

void km_scoreboard_finish(km_scoreboard *scoreboard)
{
	if (!scoreboard->slot_size)
		return;
	if (scoreboard->slots)
		munmap(scoreboard->slots, mapped_size(scoreboard));
	if (scoreboard->wake_fd >= 0)
		close(scoreboard->wake_fd);
	*scoreboard = (km_scoreboard){0};
}

void km_worker_slot_reset(km_worker_slot *slot)
{
	const km_worker_slot kept = {
		.threads = slot->threads,
		.wake_fd = slot->wake_fd,
		.index = slot->index,
		.count = slot->count,
	};

	*slot = kept;
	memset(slot->thread_slots, 0, kept.threads * sizeof slot->thread_slots[0]);
}

/* A loop that runs a handler itself does not accept meanwhile. */
static bool could_accept(const km_worker_slot *slot)
{
	return slot->pid && slot->state == KM_WORKER_SERVING &&
	       (slot->threads > 1 || !slot->thread_slots[0].since_ns);
}

uint32_t km_worker_slot_least_connections(const km_worker_slot *slot)
{
	size_t size = slot_size(slot->threads);
	const char *first = (const char *)slot - slot->index * size;
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < slot->count; i++) {
		const km_worker_slot *other = (const void *)(first + i * size);
		uint32_t connections = other->connections;
		if (i != slot->index && could_accept(other) && connections < least)
			least = connections;
	}
	return least;
}

void km_worker_slot_wake(const km_worker_slot *slot)
{
	const uint64_t one = 1;
	ssize_t written = write(slot->wake_fd, &one, sizeof one);

	(void)written; /* an eventfd accepts it, and a signal handler could not report it */
}
