#include "profiler/diff/diff.h"

#include "profiler/diff/match.h"
#include "profiler/stats/pairs.h"

#include <stdlib.h>

static int items_init(km_diff_items *made, uint32_t count)
{
	made->items = calloc(count + 1u, sizeof *made->items);
	if (!made->items)
		return KM_ENOMEM;
	made->count = count;
	return 0;
}

static void add_row(km_diff_item *item, const km_stats *stats, uint32_t row, bool is_after)
{
	if (is_after || !item->function) {
		item->function = &stats->functions[row];
		item->label = stats->labels[row];
	}
	*(is_after ? &item->in_after : &item->in_before) = true;
	*(is_after ? &item->after : &item->before) = stats->rows[row].numbers;
}

/* Functions without a row, which foreign dumps have, are not compared. */
static int compare_functions(km_diff *diff, const km_stats *before, const km_stats *after,
			     bool strip_dirs)
{
	uint32_t *number = malloc((before->row_count + 1u) * sizeof *number), count;
	int result = number ? 0 : KM_ENOMEM;

	if (!result)
		result = km_diff_match(number, &count, before->functions, before->row_count,
				       after->functions, after->row_count, strip_dirs);
	if (!result)
		result = items_init(&diff->functions, count);
	for (uint32_t i = 0; !result && i < after->row_count; i++)
		add_row(&diff->functions.items[i], after, i, true);
	for (uint32_t i = 0; !result && i < before->row_count; i++)
		add_row(&diff->functions.items[number[i]], before, i, false);
	free(number);
	return result;
}

/* One of the two trees, with its nodes mapped to the paths of both. */
typedef struct side {
	const km_tree *tree;
	uint32_t *function_of; /* by function of the tree: its number in both; NULL: the same */
	uint32_t *path;	       /* by node */
} side;

static int number_paths(side *made, km_pairs *paths)
{
	made->path = malloc(made->tree->node_count * sizeof *made->path);
	if (!made->path)
		return KM_ENOMEM;
	return km_paths_number(paths, made->tree, made->function_of, made->path);
}

static void add_nodes(km_diff_items *paths, const side *from, bool is_after)
{
	const km_tree *tree = from->tree;

	for (uint32_t i = 0; i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		km_diff_item *item = &paths->items[from->path[i]];
		km_stats_numbers *numbers = is_after ? &item->after : &item->before;
		double seconds = (double)node->ticks * tree->seconds_per_tick;

		if (is_after || !item->function)
			item->function = &tree->functions[node->function];
		*(is_after ? &item->in_after : &item->in_before) = true;
		numbers->calls += node->calls;
		numbers->primitive_calls += node->calls;
		numbers->cumtime += seconds;
		numbers->tottime += seconds;
		if (i == 0)
			continue;
		km_diff_item *caller = &paths->items[from->path[node->parent]];
		(is_after ? &caller->after : &caller->before)->tottime -= seconds;
	}
}

static int compare_paths(km_diff *diff, const km_tree *before, const km_tree *after,
			 bool strip_dirs)
{
	side left = {.tree = before}, right = {.tree = after};
	km_pairs paths = {0};
	uint32_t count;
	int result = KM_ENOMEM;

	left.function_of = malloc((before->function_count + 1u) * sizeof *left.function_of);
	if (left.function_of)
		result = km_diff_match(left.function_of, &count, before->functions,
				       before->function_count, after->functions,
				       after->function_count, strip_dirs);
	if (!result)
		result = number_paths(&right, &paths);
	if (!result)
		result = number_paths(&left, &paths);
	if (!result)
		result = items_init(&diff->paths, paths.count);
	if (!result) {
		for (uint32_t i = 0; i < paths.count; i++)
			diff->paths.items[i].parent = paths.pairs[i].caller;
		add_nodes(&diff->paths, &right, true);
		add_nodes(&diff->paths, &left, false);
	}
	km_pairs_finish(&paths);
	free(left.function_of);
	free(left.path);
	free(right.path);
	return result;
}

static km_stats_numbers totals_of(const km_stats *stats)
{
	km_stats_numbers totals = stats->totals;

	totals.cumtime = totals.tottime;
	return totals;
}

int km_diff_new(km_diff **diff, const km_prof *before, const km_prof *after, bool strip_dirs)
{
	km_diff *made = calloc(1, sizeof *made);
	int result = made ? 0 : KM_ENOMEM;

	if (!result)
		result = compare_functions(made, before->stats, after->stats, strip_dirs);
	if (!result && before->recording.tree && after->recording.tree)
		result = compare_paths(made, before->recording.tree, after->recording.tree,
				       strip_dirs);
	if (result) {
		km_diff_free(made);
		made = NULL;
	} else {
		made->before = totals_of(before->stats);
		made->after = totals_of(after->stats);
	}
	*diff = made;
	return result;
}

void km_diff_free(km_diff *diff)
{
	if (!diff)
		return;
	free(diff->functions.items);
	free(diff->paths.items);
	free(diff);
}

static uint64_t calls_changed(const km_diff_item *item)
{
	uint64_t before = item->before.calls, after = item->after.calls;

	return before < after ? after - before : before - after;
}

const km_diff_item *km_diff_verdict(const km_diff *diff)
{
	const km_diff_item *best = NULL;

	for (uint32_t i = 0; i < diff->functions.count; i++) {
		const km_diff_item *item = &diff->functions.items[i];
		uint64_t change = calls_changed(item), most = best ? calls_changed(best) : 0;
		bool has_source = strcmp(item->function->file, "~") != 0;
		if (change > most || (change == most && best && has_source &&
				      strcmp(best->function->file, "~") == 0))
			best = item;
	}
	return best;
}
