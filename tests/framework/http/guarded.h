/* Buffers that end at an unmapped page: reading one byte too many faults. */
#ifndef KM_TEST_GUARDED_H
#define KM_TEST_GUARDED_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { GUARDED_SIZE = 256 * 1024, GUARDED_PAGE = 4096 };

/* Returns a copy that ends where its mapping ends; valid until the next call. */
static inline char *guarded(const char *bytes, size_t len)
{
	static char *base;

	if (!base) {
		base = mmap(NULL, GUARDED_SIZE + GUARDED_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (base == MAP_FAILED || mprotect(base + GUARDED_SIZE, GUARDED_PAGE, PROT_NONE))
			abort();
	}
	if (len > GUARDED_SIZE)
		abort();
	return memcpy(base + GUARDED_SIZE - len, bytes, len);
}

#endif
