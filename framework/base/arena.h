/* A bump allocator that frees all its allocations at once: one for each request. */
#ifndef KM_BASE_ARENA_H
#define KM_BASE_ARENA_H

#include <komori/base.h>

#if defined(__SANITIZE_ADDRESS__)
#define KM_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KM_ARENA_ASAN 1
#endif
#endif
#ifdef KM_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { KM_ARENA_ALIGNMENT = 16 };

typedef struct km_arena_chunk km_arena_chunk;

/* A zeroed arena is valid and empty. Not thread-safe. */
typedef struct km_arena {
	km_arena_chunk *chunks; /* newest first; reset keeps the oldest */
	char *next, *end;	/* free bytes of the newest chunk */
} km_arena;

/* km_arena_alloc for a `size` that the newest chunk has no room for, or of 0. */
void *km_arena_alloc_slow(km_arena *arena, size_t size) __attribute__((cold));

/* Returns `size` uninitialised bytes, aligned for any object; NULL when memory ran out. */
static inline void *km_arena_alloc(km_arena *arena, size_t size)
{
	/* The room is a multiple of the alignment. A size of 0 wraps, and takes the slow path. */
	if (__builtin_expect(size - 1 >= (size_t)(arena->end - arena->next), 0))
		return km_arena_alloc_slow(arena, size);
	void *found = arena->next;
	arena->next += (size + KM_ARENA_ALIGNMENT - 1) & ~(size_t)(KM_ARENA_ALIGNMENT - 1);
	ASAN_UNPOISON_MEMORY_REGION(found, size);
	return found;
}

/* The same, zeroed. */
void *km_arena_zalloc(km_arena *arena, size_t size);
/* Returns a NUL-terminated copy of `len` bytes; NULL when memory ran out. */
static inline char *km_arena_copy(km_arena *arena, const void *bytes, size_t len)
{
	char *copy = len < SIZE_MAX ? km_arena_alloc(arena, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

/* Frees all allocations. Keeps the first chunk for the next request. */
void km_arena_reset(km_arena *arena);
/* Frees all memory, and leaves a valid empty arena. */
void km_arena_finish(km_arena *arena);

#endif
