#include "profiler/stats/function_set.h"

#include "profiler/stats/labels.h"

#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_CAPACITY = 64 };

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15u) * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_text(const km_function_set *set, km_str text)
{
	uint64_t hash = set->seed ^ text.len, word;

	for (; text.len >= sizeof word; text.ptr += sizeof word, text.len -= sizeof word) {
		memcpy(&word, text.ptr, sizeof word);
		hash = mix(hash ^ word, set->seed);
	}
	word = 0;
	if (text.len)
		memcpy(&word, text.ptr, text.len);
	return mix(hash ^ word, set->seed);
}

/* Hashes the addresses of the texts, because equal texts have one. */
static uint64_t hash_function(const km_function_set *set, const km_function *function)
{
	uint64_t hash = mix((uintptr_t)function->file ^ set->seed, set->seed);

	return mix(hash ^ (uintptr_t)function->name ^ (uint64_t)(uint32_t)function->line << 40,
		   set->seed);
}

/* The upper half of the hash is both the start of the search and a first comparison. */
static uint64_t slot_of(uint64_t hash, uint32_t number)
{
	return (hash >> 32 << 32) | (number + 1);
}

static uint32_t number_in(uint64_t slot)
{
	return (uint32_t)slot - 1;
}

/* Returns the next slot from `at` that has this hash or is free. */
static uint64_t *next_slot(const km_number_table *table, uint32_t *at, uint64_t hash)
{
	for (;; (*at)++) {
		uint64_t *slot = &table->slots[*at & table->mask];
		if (!*slot || (*slot ^ hash) >> 32 == 0)
			return slot;
	}
}

static uint64_t *find_text(const km_function_set *set, km_str text, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32);
	uint64_t *slot;

	while (*(slot = next_slot(&set->text_table, &at, hash)) &&
	       !km_str_equal(set->texts[number_in(*slot)], text))
		at++;
	return slot;
}

static uint64_t *find_function(const km_function_set *set, const km_function *function,
			       uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32);
	uint64_t *slot;

	for (; *(slot = next_slot(&set->function_table, &at, hash)); at++) {
		const km_function *other = &set->functions[number_in(*slot)];
		if (other->file == function->file && other->line == function->line &&
		    other->name == function->name)
			break;
	}
	return slot;
}

static void refill(km_number_table *table, const uint64_t *slots, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = (uint32_t)(slots[i] >> 32);
		if (!slots[i])
			continue;
		while (table->slots[at & table->mask])
			at++;
		table->slots[at & table->mask] = slots[i];
	}
}

/* Doubles the room for numbers and for the items of `item_size` that they number. */
static int grow(km_number_table *table, void **items, size_t item_size)
{
	uint32_t capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY;
	uint64_t *before = table->slots;

	if (table->capacity > UINT32_MAX / 8)
		return KM_ENOMEM;
	void *bigger = realloc(*items, capacity * item_size);
	if (!bigger)
		return KM_ENOMEM;
	*items = bigger;
	uint64_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
	if (!slots)
		return KM_ENOMEM;
	uint32_t count = table->capacity * 2;
	*table = (km_number_table){slots, capacity * 2 - 1, capacity};
	refill(table, before, count);
	free(before);
	return 0;
}

void km_function_set_init(km_function_set *set)
{
	*set = (km_function_set){0};
	if (getrandom(&set->seed, sizeof set->seed, GRND_NONBLOCK) != sizeof set->seed)
		set->seed = (uintptr_t)set; /* early at boot; the address is random too */
	set->seed |= 1;
}

void km_function_set_finish(km_function_set *set)
{
	km_arena_finish(&set->arena);
	free(set->texts);
	free(set->functions);
	free(set->text_table.slots);
	free(set->function_table.slots);
	*set = (km_function_set){0};
}

uint32_t km_function_set_text(km_function_set *set, km_str text)
{
	void *texts = set->texts;

	if (set->text_count == set->text_table.capacity) {
		int result = grow(&set->text_table, &texts, sizeof *set->texts);
		set->texts = texts;
		if (result)
			return KM_FUNCTION_NONE;
	}
	uint64_t hash = hash_text(set, text);
	uint64_t *slot = find_text(set, text, hash);
	if (!*slot) {
		char *copy = km_arena_copy(&set->arena, text.ptr, text.len);
		if (!copy)
			return KM_FUNCTION_NONE;
		set->texts[set->text_count] = (km_str){copy, text.len};
		*slot = slot_of(hash, set->text_count++);
	}
	return number_in(*slot);
}

uint32_t km_function_set_add(km_function_set *set, uint32_t file, int line, uint32_t name)
{
	void *functions = set->functions;

	if (set->count == set->function_table.capacity) {
		int result = grow(&set->function_table, &functions, sizeof *set->functions);
		set->functions = functions;
		if (result)
			return KM_FUNCTION_NONE;
	}
	km_function function = {set->texts[file].ptr, line, set->texts[name].ptr};
	uint64_t hash = hash_function(set, &function);
	uint64_t *slot = find_function(set, &function, hash);
	if (!*slot) {
		set->label_bytes += set->texts[file].len + set->texts[name].len + KM_LABEL_SIGNS;
		set->functions[set->count] = function;
		*slot = slot_of(hash, set->count++);
	}
	return number_in(*slot);
}

uint32_t km_function_set_copy(km_function_set *set, const char *file, int line, const char *name)
{
	uint32_t file_text = km_function_set_text(set, km_str_from(file));
	uint32_t name_text = km_function_set_text(set, km_str_from(name));

	if (file_text == KM_FUNCTION_NONE || name_text == KM_FUNCTION_NONE)
		return KM_FUNCTION_NONE;
	return km_function_set_add(set, file_text, line, name_text);
}
