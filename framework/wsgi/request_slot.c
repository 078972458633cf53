#include "framework/wsgi/request_slot.h"

#include <sys/mman.h>
#include <unistd.h>

int km_request_slots_init(km_request_slots *slots, size_t count)
{
	*slots = (km_request_slots){.count = count};
	if (count == 0)
		return 0;
	void *all = mmap(NULL, count * sizeof *slots->all, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED) {
		slots->count = 0;
		return KM_ENOMEM;
	}
	slots->all = all;
	return 0;
}

void km_request_slots_finish(km_request_slots *slots)
{
	if (slots->all)
		munmap(slots->all, slots->count * sizeof *slots->all);
	*slots = (km_request_slots){0};
}

/* Prefers the slot that was given back last: its recording is warm in the cache. */
km_request_slot *km_request_slots_take(km_request_slots *slots)
{
	size_t first = atomic_load_explicit(&slots->next, memory_order_relaxed);

	for (size_t i = 0; i < slots->count; i++) {
		km_request_slot *slot = &slots->all[(first + i) % slots->count];
		pid_t free = 0;
		if (!slot->owner && atomic_compare_exchange_strong(&slot->owner, &free, getpid()))
			return slot;
	}
	return NULL;
}

bool km_request_slot_is_own(const km_request_slot *slot)
{
	return slot->owner == getpid();
}

void km_request_slots_give(km_request_slots *slots, km_request_slot *slot)
{
	if (!slot || !km_request_slot_is_own(slot))
		return;
	atomic_store_explicit(&slots->next, km_request_slots_index(slots, slot),
			      memory_order_relaxed);
	slot->owner = 0;
}

void km_request_slot_reclaim(km_request_slot *slot)
{
	slot->recorded = false;
	slot->owner = 0;
}

size_t km_request_slots_index(const km_request_slots *slots, const km_request_slot *slot)
{
	/* As numbers: a pointer from elsewhere has no order among those of the table. */
	uintptr_t offset = (uintptr_t)slot - (uintptr_t)slots->all;

	return offset / sizeof *slot < slots->count ? offset / sizeof *slot : slots->count;
}
