/* A set of functions and of their texts, each stored once and numbered in order of arrival. A
 * random seed for the hashes keeps hostile files from making it slow. */
#ifndef KM_STATS_FUNCTION_SET_H
#define KM_STATS_FUNCTION_SET_H

#include "framework/base/arena.h"
#include "profiler/stats/tree.h"

#include <komori/base.h>

enum { KM_FUNCTION_NONE = UINT32_MAX };

/* A hash table. A slot holds the upper half of the hash and number + 1, or 0 when it is free; at
 * most half of the slots are taken. */
typedef struct km_number_table {
	uint64_t *slots;
	uint32_t mask, capacity; /* of numbers */
} km_number_table;

typedef struct km_function_set {
	km_arena arena; /* the texts' bytes */
	km_str *texts;
	uint32_t text_count;
	km_function *functions; /* with texts of the arena, equal ones at the same address */
	uint32_t count;
	uint64_t label_bytes; /* bound for the labels of all functions together */
	km_number_table text_table, function_table;
	uint64_t seed;
} km_function_set;

void km_function_set_init(km_function_set *set);
void km_function_set_finish(km_function_set *set);
/* Returns the number of a text, which has no NUL; KM_FUNCTION_NONE when memory runs out. */
uint32_t km_function_set_text(km_function_set *set, km_str text);
/* Return the number of a function, by numbers of its texts or by copies of them; KM_FUNCTION_NONE
 * when memory runs out. */
uint32_t km_function_set_copy(km_function_set *set, const char *file, int line, const char *name);
uint32_t km_function_set_add(km_function_set *set, uint32_t file, int line, uint32_t name);

#endif
