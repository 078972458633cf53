#include "profiler/middleware/shared_requests.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int km_shared_requests_init(km_shared_requests *requests, size_t count, size_t memory)
{
	const km_profile_options options = {.memory = memory, .shared = true};

	*requests = (km_shared_requests){0};
	if (count == 0)
		return 0;
	requests->profiles = calloc(count, sizeof(km_profile *));
	void *facts = mmap(NULL, count * sizeof *requests->facts, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (facts != MAP_FAILED)
		requests->facts = facts;
	requests->count = count;
	bool there = requests->facts && requests->profiles;
	for (size_t i = 0; there && i < count; i++) {
		requests->profiles[i] = km_profile_new(&options);
		there = requests->profiles[i] != NULL;
	}
	if (there)
		return 0;
	km_shared_requests_finish(requests);
	return KM_ENOMEM;
}

void km_shared_requests_finish(km_shared_requests *requests)
{
	for (size_t i = 0; requests->profiles && i < requests->count; i++)
		km_profile_free(requests->profiles[i]);
	free(requests->profiles);
	if (requests->facts)
		munmap(requests->facts, requests->count * sizeof *requests->facts);
	*requests = (km_shared_requests){0};
}

size_t km_shared_requests_take(km_shared_requests *requests)
{
	size_t count = requests->count, start = 0;

	if (count)
		start = atomic_fetch_add_explicit(&requests->next, 1, memory_order_relaxed);
	for (size_t i = 0; i < count; i++) {
		km_shared_facts *facts = &requests->facts[(start + i) % count];
		pid_t nobody = 0;
		if (atomic_compare_exchange_strong(&facts->owner, &nobody, getpid()))
			return (start + i) % count;
	}
	return count;
}

static void clear(km_shared_facts *facts)
{
	facts->known = false;
	atomic_signal_fence(memory_order_seq_cst);
	facts->status = 0;
	facts->started = 0;
	facts->called_ns = 0;
	facts->outcome[0] = facts->method[0] = facts->route[0] = '\0';
	facts->path[0] = facts->query[0] = '\0';
	atomic_store(&facts->owner, 0);
}

void km_shared_requests_give(km_shared_requests *requests, km_shared_facts *facts)
{
	bool own = atomic_load(&facts->owner) == getpid();

	if (own)
		facts->known = false;
	km_profile_reset(requests->profiles[facts - requests->facts]);
	if (own)
		clear(facts);
}

void km_shared_requests_reclaim(km_shared_requests *requests, size_t index)
{
	km_profile_discard(requests->profiles[index]);
	clear(&requests->facts[index]);
}

void km_shared_facts_copy(char *to, size_t size, km_str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	if (len)
		memcpy(to, text.ptr, len);
	to[len] = '\0';
}

/* Cuts at the end, and replaces what would do things to a terminal. */
static void clean(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void km_shared_facts_read(km_shared_facts *copy, const km_shared_facts *facts)
{
	memcpy(copy, facts, sizeof *copy);
	if (!isfinite(copy->started))
		copy->started = 0;
	clean(copy->outcome, sizeof copy->outcome);
	clean(copy->method, sizeof copy->method);
	clean(copy->route, sizeof copy->route);
	copy->path[sizeof copy->path - 1] = '\0';
	copy->query[sizeof copy->query - 1] = '\0';
}
