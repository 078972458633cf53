/* Makes a call tree of rows, which know callers and callees but no paths. */
#include "profiler/export/job.h"

#include <komori/base.h>
#include <stdlib.h>

typedef struct builder {
	const km_stats *stats;
	km_tree tree;
	uint32_t *node_of;	 /* by function: its node below the root, or 0 */
	km_stats_numbers *alone; /* by row: the part without a caller */
} builder;

static uint32_t add_node(builder *build, uint32_t function, uint32_t parent, uint64_t calls,
			 double tottime)
{
	km_tree_node node = {function, parent, calls, km_export_nanoseconds(tottime)};

	build->tree.nodes[build->tree.node_count] = node;
	return build->tree.node_count++;
}

static void take_off_callers(builder *build)
{
	const km_stats *stats = build->stats;

	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		km_stats_numbers *alone = &build->alone[i];
		*alone = row->numbers;
		for (uint32_t j = 0; j < row->caller_count; j++) {
			const km_stats_numbers *pair =
				&stats->callers[row->first_caller + j].numbers;
			alone->calls -= pair->calls < alone->calls ? pair->calls : alone->calls;
			alone->tottime -= pair->tottime;
		}
	}
}

/* Differences of rounded times are below this. */
static const double NOTHING = 0.5e-9;

static void add_functions(builder *build)
{
	const km_stats *stats = build->stats;

	for (uint32_t i = 0; i < stats->caller_count; i++)
		build->node_of[stats->callers[i].function] = UINT32_MAX;
	for (uint32_t i = 0; i < stats->function_count; i++) {
		km_stats_numbers none = {0};
		const km_stats_numbers *alone = i < stats->row_count ? &build->alone[i] : &none;
		if (build->node_of[i] || alone->calls || alone->tottime >= NOTHING)
			build->node_of[i] = add_node(build, i, 0, alone->calls, alone->tottime);
	}
}

static void add_pairs(builder *build)
{
	const km_stats *stats = build->stats;

	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		for (uint32_t j = 0; j < row->caller_count; j++) {
			const km_stats_caller *caller = &stats->callers[row->first_caller + j];
			add_node(build, i, build->node_of[caller->function], caller->numbers.calls,
				 caller->numbers.tottime);
		}
	}
}

/* Turns own ticks into those of a tree, where parents include their children. */
static void add_up(km_tree *tree)
{
	for (uint32_t i = tree->node_count; --i > 0;)
		tree->nodes[tree->nodes[i].parent].ticks += tree->nodes[i].ticks;
}

static int builder_init(builder *build, const km_stats *stats)
{
	uint32_t count = stats->function_count;
	km_tree *tree = &build->tree;

	*build = (builder){.stats = stats};
	tree->functions = malloc((count + 1u) * sizeof *tree->functions);
	tree->nodes = malloc((1u + (size_t)count + stats->caller_count) * sizeof *tree->nodes);
	build->node_of = calloc(count + 1u, sizeof *build->node_of);
	build->alone = calloc(stats->row_count + 1u, sizeof *build->alone);
	if (!tree->functions || !tree->nodes || !build->node_of || !build->alone)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		tree->functions[i] = stats->functions[i];
	tree->functions[count] = (km_function){"~", 0, "(no paths: callers and callees only)"};
	tree->function_count = count + 1;
	tree->seconds_per_tick = 1e-9;
	return 0;
}

int km_timeline_from_rows(km_timeline *timeline, const km_stats *stats)
{
	builder build;
	int result = builder_init(&build, stats);

	*timeline = (km_timeline){0};
	if (!result) {
		take_off_callers(&build);
		add_node(&build, stats->function_count, 0, 0, 0);
		add_functions(&build);
		add_pairs(&build);
		add_up(&build.tree);
		result = km_timeline_from_tree(timeline, &build.tree);
	}
	timeline->own_functions = build.tree.functions;
	free(build.tree.nodes);
	free(build.node_of);
	free(build.alone);
	return result;
}
