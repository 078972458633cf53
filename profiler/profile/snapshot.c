#include "profiler/profile/snapshot.h"

#include "framework/base/fnv.h"

#include <komori/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"
#include "profiler/symbols/symbols.h"

/* The key of each function id, made when it is first needed and kept for good: two ids of one
 * library function (called from two objects), or of a function and its clone, share a key. */
static km_function *keys;      /* by id; name NULL while not known */
static uint32_t keys_capacity; /* ids that fit */

static int make_key(uint32_t id)
{
	const km_function_entry *entry = &km_functions[id];

	if (entry->library_name) {
		char *name;
		if (asprintf(&name, "<built-in function %s>", entry->library_name) < 0)
			return KM_ENOMEM;
		keys[id] = (km_function){"~", 0, name};
		return 0;
	}
	const km_symbol *symbol = km_symbols_find((const void *)entry->address);
	if (!symbol)
		return KM_ENOMEM;
	keys[id] = (km_function){symbol->file, symbol->line, symbol->name};
	return 0;
}

static int prepare_keys(void)
{
	if (keys_capacity >= km_function_count + 1)
		return 0;
	km_function *more = realloc(keys, (km_function_count + 1) * sizeof *keys);
	if (!more)
		return KM_ENOMEM;
	keys = more;
	memset(keys + keys_capacity, 0, (km_function_count + 1 - keys_capacity) * sizeof *keys);
	keys_capacity = km_function_count + 1;
	return 0;
}

const km_function *km_snapshot_key(uint32_t id)
{
	if (prepare_keys() || (!keys[id].name && make_key(id)))
		return NULL;
	return &keys[id];
}

static uint32_t hash_key(const km_function *key)
{
	uint64_t hash = km_fnv(KM_FNV_BEGIN, &key->line, sizeof key->line);

	hash = km_fnv(hash, key->file, strlen(key->file));
	return (uint32_t)km_fnv(hash, key->name, strlen(key->name));
}

static int same_key(const km_function *a, const km_function *b)
{
	return a->line == b->line && !strcmp(a->name, b->name) && !strcmp(a->file, b->file);
}

struct builder {
	km_tree *tree;
	uint32_t *index_of_id; /* into tree->functions, UINT32_MAX while unknown */
	uint32_t *slots;       /* open addressing over tree->functions; UINT32_MAX for free */
	uint32_t slot_mask;
};

static uint32_t add_function(struct builder *builder, const km_function *key)
{
	uint32_t slot = hash_key(key) & builder->slot_mask;

	while (builder->slots[slot] != UINT32_MAX) {
		if (same_key(&builder->tree->functions[builder->slots[slot]], key))
			return builder->slots[slot];
		slot = (slot + 1) & builder->slot_mask;
	}
	builder->slots[slot] = builder->tree->function_count;
	builder->tree->functions[builder->tree->function_count] = *key;
	return builder->tree->function_count++;
}

/* UINT32_MAX when memory ran out. */
static uint32_t function_of(struct builder *builder, uint32_t id)
{
	if (builder->index_of_id[id] != UINT32_MAX)
		return builder->index_of_id[id];
	const km_function *key = km_snapshot_key(id);
	return key ? builder->index_of_id[id] = add_function(builder, key) : UINT32_MAX;
}

static int builder_init(struct builder *builder, const char *root_name)
{
	uint32_t functions = km_function_count + 2, slots = 64; /* and the root, and (other) */

	while (slots < functions * 2)
		slots *= 2;
	builder->slot_mask = slots - 1;
	builder->slots = malloc(slots * sizeof *builder->slots);
	builder->index_of_id = malloc(functions * sizeof *builder->index_of_id);
	builder->tree->functions = malloc(functions * sizeof *builder->tree->functions);
	if (!builder->slots || !builder->index_of_id || !builder->tree->functions)
		return KM_ENOMEM;
	memset(builder->slots, 0xff, slots * sizeof *builder->slots);
	memset(builder->index_of_id, 0xff, functions * sizeof *builder->index_of_id);
	builder->index_of_id[0] = add_function(builder, &(km_function){"~", 0, root_name});
	return 0;
}

/* Nodes were allocated one after the other, parents first: their order is the tree's. */
static int copy_nodes(struct builder *builder, km_recorder *recorder)
{
	uint32_t count = km_recorder_tree_size(recorder);
	km_tree *tree = builder->tree;

	for (uint32_t i = 0; i < count; i++) {
		km_node *node = km_recorder_node(recorder, KM_RECORDER_ROOT + i);
		uint32_t function = function_of(builder, node->function);
		if (function == UINT32_MAX)
			return KM_ENOMEM;
		uint32_t parent =
			i ? km_recorder_index(recorder, km_node_parent(node)) - KM_RECORDER_ROOT
			  : 0;
		tree->nodes[i] = (km_tree_node){function, parent, node->calls, node->ticks};
	}
	tree->node_count = count;
	return 0;
}

static uint32_t count_fold_points(km_recorder *recorder)
{
	uint32_t points = 0, end = KM_RECORDER_ROOT + km_recorder_tree_size(recorder);

	if (recorder->folded_calls)
		for (uint32_t i = KM_RECORDER_ROOT; i < end; i++)
			points += km_recorder_folded_ticks(recorder)[i] != 0;
	return points;
}

static int copy_folded(struct builder *builder, km_recorder *recorder)
{
	uint32_t end = KM_RECORDER_ROOT + km_recorder_tree_size(recorder);
	km_tree *tree = builder->tree;

	tree->other = add_function(builder, &(km_function){"~", 0, "(other)"});
	for (uint32_t i = KM_RECORDER_ROOT; i < end; i++) {
		uint64_t ticks = km_recorder_folded_ticks(recorder)[i];
		if (ticks)
			tree->nodes[tree->node_count++] =
				(km_tree_node){tree->other, i - KM_RECORDER_ROOT, 0, ticks};
	}
	tree->folded = calloc(recorder->layout.function_capacity, sizeof *tree->folded);
	if (!tree->folded)
		return KM_ENOMEM;
	for (uint32_t id = 1; id < recorder->layout.function_capacity; id++) {
		const km_overflowed *folded = &km_recorder_folded(recorder)[id];
		if (!folded->calls)
			continue;
		uint32_t function = function_of(builder, id);
		if (function == UINT32_MAX)
			return KM_ENOMEM;
		tree->folded[tree->folded_count++] =
			(km_tree_folded){function, folded->calls, folded->primitive_calls,
					 folded->own_ticks, folded->cumulative_ticks};
	}
	return 0;
}

km_tree *km_snapshot_new(km_recorder *recorder, const char *root_name, double probe_seconds)
{
	km_tree *tree = calloc(1, sizeof *tree);
	struct builder builder = {.tree = tree};
	int result = KM_ENOMEM;

	if (!tree)
		return NULL;
	size_t nodes = (size_t)km_recorder_tree_size(recorder) + count_fold_points(recorder);
	tree->nodes = malloc(nodes * sizeof *tree->nodes);
	tree->other = UINT32_MAX;
	tree->seconds_per_tick = km_ticks_seconds();
	tree->probe_seconds = probe_seconds;
	tree->lost_calls = recorder->lost_calls;
	if (tree->nodes && !builder_init(&builder, root_name))
		result = copy_nodes(&builder, recorder);
	if (!result && recorder->folded_calls)
		result = copy_folded(&builder, recorder);
	free(builder.slots);
	free(builder.index_of_id);
	if (!result)
		return tree;
	km_snapshot_free(tree);
	return NULL;
}

void km_snapshot_free(km_tree *tree)
{
	if (!tree)
		return;
	free(tree->functions);
	free(tree->nodes);
	free(tree->folded);
	free(tree);
}
