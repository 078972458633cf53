/* Makes rows of a call tree by the rules of CPython's Modules/_lsprof.c. A call is primitive when
 * no call of the same function is open around it (for the part of a caller: of the same pair). Only
 * primitive calls add to the cumulative time. */
#include "profiler/stats/labels.h"
#include "profiler/stats/pairs.h"
#include "profiler/stats/tree.h"

#include <stdlib.h>

enum { NO_ROW = UINT32_MAX };

typedef struct row_tally {
	uint32_t function; /* of the tree */
	uint32_t active;   /* calls of this function around the current node */
	km_tally tally;
} row_tally;

typedef struct builder {
	const km_tree *tree;
	uint32_t *row_of; /* by function of the tree; NO_ROW until it is seen */
	row_tally *rows;
	uint32_t row_count;
	km_pairs pairs;
	uint32_t *pair_of; /* by node; the root has none */
	km_tree_links links;
} builder;

static uint32_t row_of(builder *build, uint32_t function)
{
	if (build->row_of[function] == NO_ROW) {
		build->row_of[function] = build->row_count;
		build->rows[build->row_count++] = (row_tally){.function = function};
	}
	return build->row_of[function];
}

static uint32_t row_of_node(const builder *build, uint32_t node)
{
	return build->row_of[build->tree->nodes[node].function];
}

static int builder_init(builder *build, const km_tree *tree)
{
	size_t nodes = tree->node_count, functions = tree->function_count;

	*build = (builder){.tree = tree};
	build->row_of = malloc(functions * sizeof *build->row_of);
	build->rows = malloc(functions * sizeof *build->rows);
	build->pair_of = malloc(nodes * sizeof *build->pair_of);
	if (km_tree_links_init(&build->links, tree) || !build->row_of || !build->rows ||
	    !build->pair_of)
		return KM_ENOMEM;
	for (size_t i = 0; i < functions; i++)
		build->row_of[i] = NO_ROW;
	return 0;
}

static void builder_finish(builder *build)
{
	free(build->row_of);
	free(build->rows);
	free(build->pair_of);
	km_tree_links_finish(&build->links);
	km_pairs_finish(&build->pairs);
}

/* Makes rows and pairs in the order of the nodes, with calls and own time, which do not depend on
 * recursion. Subtracts the ticks of a child from the row and the pair of its parent. */
static int count_calls(builder *build)
{
	const km_tree *tree = build->tree;

	for (uint32_t i = 0; i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		uint32_t row = row_of(build, node->function);
		/* The (other) node's own time belongs to the functions folded into it. */
		uint64_t own = node->function == tree->other ? 0 : node->ticks;

		build->rows[row].tally.calls += node->calls;
		build->rows[row].tally.own += own;
		if (i == 0)
			continue;
		uint32_t caller = row_of_node(build, node->parent);
		uint32_t number = km_pairs_find(&build->pairs, caller, row);
		if (number == UINT32_MAX)
			return KM_ENOMEM;
		build->pair_of[i] = number;
		build->pairs.pairs[number].tally.calls += node->calls;
		build->pairs.pairs[number].tally.own += own;
		build->rows[caller].tally.own -= node->ticks;
		if (node->parent != 0)
			build->pairs.pairs[build->pair_of[node->parent]].tally.own -= node->ticks;
	}
	return 0;
}

static void add_primitive(uint32_t *active, km_tally *tally, const km_tree_node *node)
{
	if ((*active)++ > 0)
		return;
	tally->primitive_calls += node->calls;
	tally->cumulative += node->ticks;
}

static void enter_node(builder *build, uint32_t i)
{
	const km_tree_node *node = &build->tree->nodes[i];
	row_tally *row = &build->rows[row_of_node(build, i)];

	add_primitive(&row->active, &row->tally, node);
	if (i > 0) {
		km_pair *pair = &build->pairs.pairs[build->pair_of[i]];
		add_primitive(&pair->active, &pair->tally, node);
	}
}

static void leave_node(builder *build, uint32_t i)
{
	build->rows[row_of_node(build, i)].active--;
	if (i > 0)
		build->pairs.pairs[build->pair_of[i]].active--;
}

/* Adds primitive calls and cumulative times, in depth-first order, because they depend on the nodes
 * that are open. */
static void walk(builder *build)
{
	const km_tree *tree = build->tree;
	uint32_t node = 0, depth = 0, next;

	enter_node(build, 0);
	while ((next = km_tree_links_next(&build->links, tree, node, &depth))) {
		for (; node != tree->nodes[next].parent; node = tree->nodes[node].parent)
			leave_node(build, node);
		node = next;
		enter_node(build, node);
	}
}

static void add_tally(km_tally *sum, const km_tree_folded *part)
{
	sum->calls += part->calls;
	sum->primitive_calls += part->primitive_calls;
	sum->own += part->own_ticks;
	sum->cumulative += part->cumulative_ticks;
}

static int add_folded(builder *build)
{
	const km_tree *tree = build->tree;

	for (uint32_t i = 0; i < tree->folded_count; i++) {
		const km_tree_folded *folded = &tree->folded[i];
		uint32_t row = row_of(build, folded->function);
		uint32_t number = km_pairs_find(&build->pairs, row_of(build, tree->other), row);

		if (number == UINT32_MAX)
			return KM_ENOMEM;
		add_tally(&build->rows[row].tally, folded);
		add_tally(&build->pairs.pairs[number].tally, folded);
	}
	return 0;
}

static km_stats_numbers numbers_of(const km_tally *tally, double seconds_per_tick)
{
	return (km_stats_numbers){
		.calls = tally->calls,
		.primitive_calls = tally->primitive_calls,
		.tottime = (double)(int64_t)tally->own * seconds_per_tick,
		.cumtime = (double)tally->cumulative * seconds_per_tick,
	};
}

static void place_callers(km_stats *stats, const builder *build)
{
	const km_pair *pairs = build->pairs.pairs;

	km_pairs_slice(&build->pairs, stats);
	for (uint32_t i = 0; i < build->pairs.count; i++)
		*km_pairs_place(&pairs[i], stats) = (km_stats_caller){
			.function = pairs[i].caller,
			.numbers = numbers_of(&pairs[i].tally, build->tree->seconds_per_tick),
		};
}

static km_stats *stats_new(const builder *build)
{
	km_stats *stats = calloc(1, sizeof *stats);

	if (!stats)
		return NULL;
	stats->row_count = stats->function_count = build->row_count;
	stats->functions = calloc(stats->row_count, sizeof *stats->functions);
	stats->rows = calloc(stats->row_count, sizeof *stats->rows);
	stats->callers = calloc((size_t)build->pairs.count + 1, sizeof *stats->callers);
	if (!stats->functions || !stats->rows || !stats->callers)
		goto failed;
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const row_tally *row = &build->rows[i];
		stats->functions[i] = build->tree->functions[row->function];
		stats->rows[i].numbers = numbers_of(&row->tally, build->tree->seconds_per_tick);
	}
	place_callers(stats, build);
	if (km_stats_complete(stats) == 0)
		return stats;
failed:
	km_stats_free(stats);
	return NULL;
}

int km_stats_from_tree(km_stats **stats, const km_tree *tree)
{
	builder build;
	int error = builder_init(&build, tree);

	*stats = NULL;
	if (!error)
		error = count_calls(&build);
	if (!error) {
		walk(&build);
		error = add_folded(&build);
	}
	if (!error) {
		*stats = stats_new(&build);
		error = *stats ? 0 : KM_ENOMEM;
	}
	builder_finish(&build);
	return error;
}
