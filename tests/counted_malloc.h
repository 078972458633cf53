/* A malloc that counts, in the program whose one file includes this. Not with sanitizers, which
 * have their own. */
#ifndef TESTS_COUNTED_MALLOC_H
#define TESTS_COUNTED_MALLOC_H

#include <komori/base.h>
#include <stdatomic.h>
#include <stddef.h>

/* NULL while nothing counts. */
static struct counted_malloc {
	atomic_long calls, bytes;
} * counted_malloc;

/* glibc's own names for what the functions below stand in front of. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void count_malloc(size_t size)
{
	if (!counted_malloc)
		return;
	atomic_fetch_add(&counted_malloc->calls, 1);
	atomic_fetch_add(&counted_malloc->bytes, (long)size);
}

KM_API void *malloc(size_t size)
{
	count_malloc(size);
	return __libc_malloc(size);
}

KM_API void *calloc(size_t count, size_t size)
{
	count_malloc(count * size);
	return __libc_calloc(count, size);
}

KM_API void *realloc(void *old, size_t size)
{
	count_malloc(size);
	return __libc_realloc(old, size);
}

KM_API void *aligned_alloc(size_t alignment, size_t size)
{
	count_malloc(size);
	return __libc_memalign(alignment, size);
}

#endif
