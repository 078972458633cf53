#include "profiler/profile/snapshot.h"

#include <komori/base.h>
#include <stdlib.h>

#include "profiler/profile/function_keys.h"
#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"

struct builder {
	km_tree *tree;
	uint32_t *index_of_id; /* into tree->functions, UINT32_MAX while unknown */
};

static uint32_t add_function(km_tree *tree, const km_function *function)
{
	tree->functions[tree->function_count] = *function;
	return tree->function_count++;
}

/* Whether a function has the name that the user gave to the root: functions must differ. */
static bool is_root(const km_tree *tree, const km_function *function)
{
	return function->line == 0 && !strcmp(function->file, "~") &&
	       !strcmp(function->name, tree->functions[0].name);
}

/* UINT32_MAX when memory ran out. */
static uint32_t function_of(struct builder *builder, uint32_t id)
{
	uint32_t *index = builder->index_of_id;

	if (index[id] != UINT32_MAX)
		return index[id];
	const km_function_key *key = km_function_key_of(id);
	if (!key)
		return UINT32_MAX;
	if (is_root(builder->tree, &key->function))
		return index[id] = 0;
	if (index[key->id] == UINT32_MAX)
		index[key->id] = add_function(builder->tree, &key->function);
	return index[id] = index[key->id];
}

static int builder_init(struct builder *builder, const char *root_name)
{
	size_t functions = km_function_count + 2u; /* with the root and (other) */

	builder->index_of_id = malloc(functions * sizeof *builder->index_of_id);
	builder->tree->functions = malloc(functions * sizeof *builder->tree->functions);
	if (!builder->index_of_id || !builder->tree->functions)
		return KM_ENOMEM;
	memset(builder->index_of_id, 0xff, functions * sizeof *builder->index_of_id);
	builder->index_of_id[0] = add_function(builder->tree, &(km_function){"~", 0, root_name});
	return 0;
}

/* Nodes lie in the order in which they were added, parents before children, as in a km_tree. */
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

static uint32_t count_overflow_callers(km_recorder *recorder)
{
	uint32_t points = 0, end = KM_RECORDER_ROOT + km_recorder_tree_size(recorder);

	if (recorder->overflow_calls)
		for (uint32_t i = KM_RECORDER_ROOT; i < end; i++)
			points += km_recorder_overflow_ticks(recorder)[i] != 0;
	return points;
}

static int copy_overflow(struct builder *builder, km_recorder *recorder)
{
	uint32_t end = KM_RECORDER_ROOT + km_recorder_tree_size(recorder);
	km_tree *tree = builder->tree;

	tree->other = add_function(tree, &(km_function){"~", 0, "(other)"});
	for (uint32_t i = KM_RECORDER_ROOT; i < end; i++) {
		uint64_t ticks = km_recorder_overflow_ticks(recorder)[i];
		if (ticks)
			tree->nodes[tree->node_count++] =
				(km_tree_node){tree->other, i - KM_RECORDER_ROOT, 0, ticks};
	}
	tree->folded = calloc(recorder->layout.function_capacity, sizeof *tree->folded);
	if (!tree->folded)
		return KM_ENOMEM;
	for (uint32_t id = 1; id < recorder->layout.function_capacity; id++) {
		const km_overflow_tally *tally = &km_recorder_tallies(recorder)[id];
		if (!tally->calls)
			continue;
		uint32_t function = function_of(builder, id);
		if (function == UINT32_MAX)
			return KM_ENOMEM;
		tree->folded[tree->folded_count++] =
			(km_tree_folded){function, tally->calls, tally->primitive_calls,
					 tally->own_ticks, tally->cumulative_ticks};
	}
	return 0;
}

km_tree *km_snapshot_new(km_recorder *recorder, const char *root_name)
{
	km_tree *tree = calloc(1, sizeof *tree);
	struct builder builder = {.tree = tree};
	int result = KM_ENOMEM;

	if (!tree)
		return NULL;
	size_t nodes = (size_t)km_recorder_tree_size(recorder) + count_overflow_callers(recorder);
	tree->nodes = malloc(nodes * sizeof *tree->nodes);
	tree->other = UINT32_MAX;
	tree->seconds_per_tick = km_ticks_seconds();
	tree->probe_seconds = km_ticks_probe_cost();
	tree->lost_calls = recorder->lost_calls;
	if (tree->nodes && !builder_init(&builder, root_name))
		result = copy_nodes(&builder, recorder);
	if (!result && recorder->overflow_calls)
		result = copy_overflow(&builder, recorder);
	free(builder.index_of_id);
	if (!result)
		return tree;
	km_tree_free(tree);
	return NULL;
}
