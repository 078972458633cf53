#include "profiler/report/tree_text.h"

#include "profiler/report/columns.h"
#include "profiler/report/function_text.h"
#include "profiler/report/stream.h"
#include "profiler/stats/pairs.h"
#include "profiler/stats/tree.h"

#include <komori/base.h>
#include <stdlib.h>

enum { INDENT = 2, DEEPEST_INDENT = 40 };

typedef struct printer {
	FILE *stream;
	const km_tree *tree;
	const km_tree_text_options *options;
	km_pairs paths;	     /* (path of the caller, function), with the tally of the path */
	uint32_t *by_ticks;  /* paths */
	km_tree_links links; /* of the paths; siblings by ticks */
	bool *hot;
	km_buffer text;
	int error;
	uint32_t shown;
} printer;

static const km_tally *tally_of(const printer *out, uint32_t path)
{
	return &out->paths.pairs[path].tally;
}

static int add_up(printer *out)
{
	const km_tree *tree = out->tree;
	uint32_t *path = malloc(tree->node_count * sizeof *path);
	int result = path ? km_paths_number(&out->paths, tree, NULL, path) : KM_ENOMEM;

	for (uint32_t i = 0; !result && i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		km_tally *tally = &out->paths.pairs[path[i]].tally;
		tally->calls += node->calls;
		tally->cumulative += node->ticks;
		tally->own += node->ticks;
		if (i > 0)
			out->paths.pairs[path[node->parent]].tally.own -= node->ticks;
	}
	free(path);
	return result;
}

/* Later paths first, so that equal ones are linked in the order of their calls. */
static int compare_ticks(const void *a, const void *b, void *context)
{
	const printer *out = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	uint64_t x = tally_of(out, left)->cumulative, y = tally_of(out, right)->cumulative;

	if (x != y)
		return x < y ? -1 : 1;
	return left > right ? -1 : 1;
}

static int link_paths(printer *out)
{
	uint32_t count = out->paths.count;

	out->by_ticks = malloc(count * sizeof *out->by_ticks);
	out->hot = calloc(count, sizeof *out->hot);
	out->links.first_child = calloc(count, sizeof *out->links.first_child);
	out->links.next_sibling = calloc(count, sizeof *out->links.next_sibling);
	if (!out->by_ticks || !out->hot || !out->links.first_child || !out->links.next_sibling)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		out->by_ticks[i] = i;
	qsort_r(out->by_ticks, count, sizeof *out->by_ticks, compare_ticks, out);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t path = out->by_ticks[i], parent = out->paths.pairs[path].caller;
		if (path == KM_PATH_ROOT)
			continue;
		out->links.next_sibling[path] = out->links.first_child[parent];
		out->links.first_child[parent] = path;
	}
	return 0;
}

static void mark_hottest(printer *out)
{
	uint32_t path = KM_PATH_ROOT, child;

	out->hot[path] = true;
	while ((child = out->links.first_child[path]) &&
	       (int64_t)tally_of(out, child)->cumulative > (int64_t)tally_of(out, path)->own) {
		out->hot[child] = true;
		path = child;
	}
}

static double share(const printer *out, uint32_t path)
{
	uint64_t all = tally_of(out, KM_PATH_ROOT)->cumulative;

	return all ? (double)tally_of(out, path)->cumulative / (double)all : 0;
}

static void end_line(printer *out)
{
	km_buffer_char(&out->text, '\n');
	if (!out->error)
		out->error = km_stream_drain(out->stream, &out->text, KM_STREAM_SIZE);
}

/* What the columns print of a path, or of the folded calls of a function. */
typedef struct row {
	uint64_t calls;
	double total, own, share;
} row;

static void put_share(km_buffer *out, const km_column *column, const void *of)
{
	km_buffer_printf(out, "%*.1f%%", column->width - 1, km_column_double(column, of));
}

static const km_column columns[] = {
	{"", "calls", 12, km_column_put_count, offsetof(row, calls)},
	{" ", "total", 12, km_column_put_seconds, offsetof(row, total)},
	{" ", "own", 12, km_column_put_seconds, offsetof(row, own)},
	{" ", "share", 7, put_share, offsetof(row, share)},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns, FOLDED_COLUMNS = COLUMN_COUNT - 1 };

static void put_function(printer *out, uint32_t path)
{
	uint32_t function = path ? out->paths.pairs[path].callee : out->tree->nodes[0].function;

	km_function_append(&out->text, &out->tree->functions[function], 0);
}

static void put_path(printer *out, uint32_t path, uint32_t depth)
{
	const km_tally *tally = tally_of(out, path);
	double second = out->tree->seconds_per_tick;
	bool hot = out->hot[path], bold = hot && out->options->bold;

	const row numbers = {tally->calls, (double)tally->cumulative * second,
			     (double)(int64_t)tally->own * second, 100 * share(out, path)};
	km_columns_put_row(&out->text, columns, COLUMN_COUNT, &numbers);
	km_buffer_text(&out->text, bold ? "  \33[1m* " : hot ? "  * " : "    ");
	if (depth > DEEPEST_INDENT)
		km_buffer_printf(&out->text, "%*s[%u] ", INDENT * DEEPEST_INDENT, "", depth);
	else
		km_buffer_fill(&out->text, ' ', INDENT * (long)depth);
	put_function(out, path);
	km_buffer_text(&out->text, bold ? "\33[0m" : "");
	end_line(out);
	out->shown++;
}

static bool is_shown(const printer *out, uint32_t path, uint32_t depth)
{
	return path && depth <= out->options->depth &&
	       share(out, path) >= out->options->least_share;
}

/* Siblings are sorted: behind one that took too little, all others took less. */
static void put_paths(printer *out)
{
	uint32_t path = KM_PATH_ROOT, depth = 0;

	for (;;) {
		put_path(out, path, depth);
		uint32_t next = out->links.first_child[path];
		if (is_shown(out, next, depth + 1)) {
			path = next;
			depth++;
			continue;
		}
		while (path && !is_shown(out, out->links.next_sibling[path], depth)) {
			path = out->paths.pairs[path].caller;
			depth--;
		}
		if (!path)
			break;
		path = out->links.next_sibling[path];
	}
}

static void put_folded(printer *out)
{
	const km_tree *tree = out->tree;

	km_buffer_text(&out->text, "\nCalls under (other), whose paths are not known:\n");
	km_columns_put_headings(&out->text, columns, FOLDED_COLUMNS);
	end_line(out);
	for (uint32_t i = 0; i < tree->folded_count; i++) {
		const km_tree_folded *folded = &tree->folded[i];
		const row numbers = {folded->calls,
				     (double)folded->cumulative_ticks * tree->seconds_per_tick,
				     (double)folded->own_ticks * tree->seconds_per_tick, 0};
		km_columns_put_row(&out->text, columns, FOLDED_COLUMNS, &numbers);
		km_buffer_fill(&out->text, ' ', 11);
		km_function_append(&out->text, &tree->functions[folded->function], 0);
		end_line(out);
	}
}

static void put_all(printer *out)
{
	km_columns_put_headings(&out->text, columns, COLUMN_COUNT);
	km_buffer_text(&out->text, "    function");
	end_line(out);
	put_paths(out);
	if (out->tree->folded_count)
		put_folded(out);
	if (out->shown < out->paths.count)
		km_buffer_printf(&out->text, "\n%u of %u paths are not shown.\n",
				 out->paths.count - out->shown, out->paths.count);
	if (out->tree->lost_calls)
		km_buffer_printf(&out->text, "\n%llu calls were nested too deep to be recorded.\n",
				 (unsigned long long)out->tree->lost_calls);
	if (!out->error)
		out->error = km_stream_drain(out->stream, &out->text, 0);
}

int km_tree_text_write(FILE *stream, const km_tree *tree, const km_tree_text_options *options)
{
	printer out = {.stream = stream, .tree = tree, .options = options};
	int result = add_up(&out);

	if (!result)
		result = link_paths(&out);
	if (!result) {
		mark_hottest(&out);
		put_all(&out);
		result = out.error;
	}
	km_pairs_finish(&out.paths);
	km_tree_links_finish(&out.links);
	free(out.by_ticks);
	free(out.hot);
	km_buffer_finish(&out.text);
	return result;
}
