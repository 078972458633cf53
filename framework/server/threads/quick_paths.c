#include "framework/server/threads/quick_paths.h"

#include "framework/base/fnv.h"

/* Above QUICK: so many quick calls until it is quick again. One that was slow by chance, on a busy
 * processor, is soon forgiven. */
enum { UNKNOWN, TRIED, QUICK, SLOW = QUICK + 8 };

#define QUICK_NS 5000000

uint32_t km_quick_paths_index(km_str method, km_str target)
{
	const char *query = memchr(target.ptr, '?', target.len);
	size_t len = query ? (size_t)(query - target.ptr) : target.len;
	uint64_t hash = km_fnv(KM_FNV_BEGIN, method.ptr, method.len);

	return (uint32_t)(km_fnv(hash, target.ptr, len) % KM_QUICK_PATHS);
}

km_job_kind km_quick_paths_expect(km_quick_paths *paths, uint32_t index)
{
	uint8_t *known = &paths->known[index];

	if (*known == QUICK)
		return KM_JOB_QUICK;
	if (*known != UNKNOWN)
		return KM_JOB_SLOW;
	*known = TRIED;
	return KM_JOB_NEW;
}

void km_quick_paths_note(km_quick_paths *paths, uint32_t index, int64_t ns)
{
	uint8_t *known = &paths->known[index];

	if (ns > QUICK_NS)
		*known = SLOW;
	else
		*known = *known > QUICK ? *known - 1 : QUICK;
}
