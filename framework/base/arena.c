#include "arena.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_CHUNK = 4096, ALIGNMENT = 16 };

struct km_arena_chunk {
	km_arena_chunk *older;
	size_t size; /* usable bytes */
	_Alignas(ALIGNMENT) char bytes[];
};

static int arena_grow(km_arena *arena, size_t need)
{
	size_t size = arena->chunks ? arena->chunks->size * 2 : FIRST_CHUNK;

	if (size > (1u << 20))
		size = 1u << 20;
	if (size < need)
		size = need;
	km_arena_chunk *chunk = malloc(sizeof *chunk + size);
	if (!chunk)
		return KM_ENOMEM;
	chunk->older = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->next = chunk->bytes;
	arena->end = chunk->bytes + size;
	ASAN_POISON_MEMORY_REGION(chunk->bytes, size);
	return 0;
}

void *km_arena_alloc(km_arena *arena, size_t size)
{
	if (size > PTRDIFF_MAX - ALIGNMENT)
		return NULL;
	size_t need = size ? (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
	if (need > (size_t)(arena->end - arena->next) && arena_grow(arena, need))
		return NULL;
	void *found = arena->next;
	arena->next += need;
	ASAN_UNPOISON_MEMORY_REGION(found, size);
	return found;
}

void *km_arena_zalloc(km_arena *arena, size_t size)
{
	void *found = km_arena_alloc(arena, size);

	return found ? memset(found, 0, size) : NULL;
}

char *km_arena_copy(km_arena *arena, const void *bytes, size_t len)
{
	char *copy = len < SIZE_MAX ? km_arena_alloc(arena, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

void km_arena_reset(km_arena *arena)
{
	km_arena_chunk *chunk = arena->chunks;

	if (!chunk)
		return;
	while (chunk->older) {
		km_arena_chunk *older = chunk->older;
		ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
		free(chunk);
		chunk = older;
	}
	arena->chunks = chunk;
	arena->next = chunk->bytes;
	arena->end = chunk->bytes + chunk->size;
	ASAN_POISON_MEMORY_REGION(chunk->bytes, chunk->size);
}

void km_arena_finish(km_arena *arena)
{
	km_arena_reset(arena);
	if (arena->chunks)
		ASAN_UNPOISON_MEMORY_REGION(arena->chunks->bytes, arena->chunks->size);
	free(arena->chunks);
	*arena = (km_arena){0};
}
