#include "profiler/stats/pairs.h"

#include <komori/base.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

static uint32_t hash(uint32_t caller, uint32_t callee)
{
	uint64_t key = ((uint64_t)caller << 32 | callee) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(key >> 32) ^ (uint32_t)(key >> 15);
}

static uint32_t *slot_of(const km_pairs *pairs, uint32_t caller, uint32_t callee)
{
	uint32_t at = hash(caller, callee) & pairs->slot_mask;

	while (pairs->slots[at]) {
		const km_pair *pair = &pairs->pairs[pairs->slots[at] - 1];
		if (pair->caller == caller && pair->callee == callee)
			break;
		at = (at + 1) & pairs->slot_mask;
	}
	return &pairs->slots[at];
}

/* Doubles the room; slots stay at most half full. */
static int grow(km_pairs *pairs)
{
	uint32_t capacity = pairs->capacity ? pairs->capacity * 2 : FIRST_CAPACITY;

	if (pairs->capacity > UINT32_MAX / 4)
		return KM_ENOMEM;
	km_pair *bigger = realloc(pairs->pairs, capacity * sizeof *bigger);
	if (!bigger)
		return KM_ENOMEM;
	pairs->pairs = bigger;
	uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
	if (!slots)
		return KM_ENOMEM;
	free(pairs->slots);
	pairs->slots = slots;
	pairs->slot_mask = capacity * 2 - 1;
	pairs->capacity = capacity;
	for (uint32_t i = 0; i < pairs->count; i++)
		*slot_of(pairs, bigger[i].caller, bigger[i].callee) = i + 1;
	return 0;
}

uint32_t km_pairs_find(km_pairs *pairs, uint32_t caller, uint32_t callee)
{
	if (pairs->count == pairs->capacity && grow(pairs))
		return UINT32_MAX;
	uint32_t *slot = slot_of(pairs, caller, callee);
	if (!*slot) {
		pairs->pairs[pairs->count] = (km_pair){.caller = caller, .callee = callee};
		*slot = ++pairs->count;
	}
	return *slot - 1;
}

void km_pairs_finish(km_pairs *pairs)
{
	free(pairs->pairs);
	free(pairs->slots);
	*pairs = (km_pairs){0};
}

void km_pairs_slice(const km_pairs *pairs, km_stats *stats)
{
	stats->caller_count = 0;
	for (uint32_t i = 0; i < pairs->count; i++)
		stats->rows[pairs->pairs[i].callee].caller_count++;
	for (uint32_t i = 0; i < stats->row_count; i++) {
		stats->rows[i].first_caller = stats->caller_count;
		stats->caller_count += stats->rows[i].caller_count;
		stats->rows[i].caller_count = 0;
	}
}

km_stats_caller *km_pairs_place(const km_pair *pair, km_stats *stats)
{
	km_stats_row *row = &stats->rows[pair->callee];

	return &stats->callers[row->first_caller + row->caller_count++];
}

int km_paths_number(km_pairs *paths, const km_tree *tree, const uint32_t *function_of,
		    uint32_t *number)
{
	/* UINT32_MAX is no function. */
	number[0] = km_pairs_find(paths, KM_PATH_ROOT, UINT32_MAX);
	if (number[0] == UINT32_MAX)
		return KM_ENOMEM;
	for (uint32_t i = 1; i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		uint32_t function = function_of ? function_of[node->function] : node->function;
		number[i] = km_pairs_find(paths, number[node->parent], function);
		if (number[i] == UINT32_MAX)
			return KM_ENOMEM;
	}
	return 0;
}
