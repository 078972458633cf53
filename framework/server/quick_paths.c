#include "quick_paths.h"

enum { UNKNOWN, QUICK, SLOW };

#define QUICK_NS 5000000

static uint32_t hash(uint32_t value, km_str text)
{
	for (size_t i = 0; i < text.len && text.ptr[i] != '?'; i++)
		value = (value ^ (unsigned char)text.ptr[i]) * 16777619u; /* FNV-1a */
	return value;
}

uint32_t km_quick_paths_index(km_str method, km_str target)
{
	return hash(hash(2166136261u, method), target) % KM_QUICK_PATHS;
}

bool km_quick_paths_expect(const km_quick_paths *paths, uint32_t index)
{
	return paths->known[index] == QUICK;
}

void km_quick_paths_note(km_quick_paths *paths, uint32_t index, int64_t ns)
{
	if (ns > QUICK_NS)
		paths->known[index] = SLOW;
	else if (paths->known[index] == UNKNOWN)
		paths->known[index] = QUICK;
}
