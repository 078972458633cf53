/* FNV-1a, for tables and tags where a deliberate collision is harmless. */
#ifndef KM_BASE_FNV_H
#define KM_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define KM_FNV_BEGIN ((uint64_t)14695981039346656037u)

/* Hashes more bytes. `hash` is KM_FNV_BEGIN or the hash of the bytes before. */
static inline uint64_t km_fnv(uint64_t hash, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
	return hash;
}

#endif
