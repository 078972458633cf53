#include "framework/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4096 };

struct km_arena_chunk {
	km_arena_chunk *older;
	size_t size; /* usable bytes */
	_Alignas(KM_ARENA_ALIGNMENT) char bytes[];
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

void *km_arena_alloc_slow(km_arena *arena, size_t size)
{
	if (size > PTRDIFF_MAX - KM_ARENA_ALIGNMENT)
		return NULL;
	size_t need = size ? (size + KM_ARENA_ALIGNMENT - 1) & ~(size_t)(KM_ARENA_ALIGNMENT - 1)
			   : KM_ARENA_ALIGNMENT;
	if (need > (size_t)(arena->end - arena->next) && arena_grow(arena, need))
		return NULL;
	return km_arena_alloc(arena, size ? size : 1);
}

void *km_arena_zalloc(km_arena *arena, size_t size)
{
	void *found = km_arena_alloc(arena, size);

	return found ? memset(found, 0, size) : NULL;
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
