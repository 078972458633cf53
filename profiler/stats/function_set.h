/* Functions, each once, numbered in the order in which they came. Their texts are numbered and
 * stored once too. Hashing is seeded at random: no file can be made so that it is slow. */
#ifndef KM_STATS_FUNCTION_SET_H
#define KM_STATS_FUNCTION_SET_H

#include "framework/base/arena.h"
#include "profiler/stats/tree.h"

#include <komori/base.h>

enum { KM_FUNCTION_NONE = UINT32_MAX };

/* Slots of a hash table: the upper half of the hash and number + 1, 0 for free; at most half of
 * them are taken. */
typedef struct km_number_table {
	uint64_t *slots;
	uint32_t mask, capacity; /* how many numbers there is room for */
} km_number_table;

typedef struct km_function_set {
	km_arena arena; /* the texts' bytes */
	km_str *texts;
	uint32_t text_count;
	km_function *functions; /* with texts of the arena, equal ones at the same address */
	uint32_t count;
	uint64_t label_bytes; /* what the labels of all functions take together, or a little more */
	km_number_table text_table, function_table;
	uint64_t seed;
} km_function_set;

void km_function_set_init(km_function_set *set);
void km_function_set_finish(km_function_set *set);
/* The number of a text, which has no NUL; KM_FUNCTION_NONE when memory ran out. */
uint32_t km_function_set_text(km_function_set *set, km_str text);
/* The number of the function with these texts; KM_FUNCTION_NONE when memory ran out. */
uint32_t km_function_set_add(km_function_set *set, uint32_t file, int line, uint32_t name);

#endif
