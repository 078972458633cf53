/* A bump allocator whose allocations die together: one per request, recycled with reset. */
#ifndef KM_BASE_ARENA_H
#define KM_BASE_ARENA_H

#include <komori/base.h>

typedef struct km_arena_chunk km_arena_chunk;

/* Zero-initialised is a valid empty arena. Not thread-safe. */
typedef struct km_arena {
	km_arena_chunk *chunks; /* newest first; the oldest is kept by reset */
	char *next, *end;       /* free bytes of the newest chunk */
} km_arena;

/* `size` bytes aligned for any object, uninitialised; NULL when memory ran out. */
void *km_arena_alloc(km_arena *arena, size_t size);
/* The same, all zero. */
void *km_arena_zalloc(km_arena *arena, size_t size);
/* A NUL-terminated copy of `len` bytes; NULL when memory ran out. */
char *km_arena_copy(km_arena *arena, const void *bytes, size_t len);
/* Frees all allocations but keeps the first chunk for the next request. */
void km_arena_reset(km_arena *arena);
/* Frees everything and leaves a valid empty arena. */
void km_arena_finish(km_arena *arena);

#endif
