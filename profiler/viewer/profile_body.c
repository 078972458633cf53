/* One profile: a header in JSON, and the call tree in columns. */
#include "framework/base/json.h"
#include "profiler/export/out.h"
#include "profiler/stats/function_set.h"
#include "profiler/viewer/bodies.h"

#include <endian.h>
#include <stdlib.h>

enum { VERSION = 1, ALIGNMENT = 8 };

/* The functions of the rows, and behind them what only the tree has. */
struct functions {
	km_function_set set;
	uint32_t *of_tree; /* by function of the tree */
};

/* --- functions --- */

static int add_function(km_function_set *set, const km_function *function, uint32_t *number)
{
	uint32_t file = km_function_set_text(set, km_str_from(function->file));
	uint32_t name = km_function_set_text(set, km_str_from(function->name));

	if (file == KM_FUNCTION_NONE || name == KM_FUNCTION_NONE)
		return KM_ENOMEM;
	*number = km_function_set_add(set, file, function->line, name);
	return *number == KM_FUNCTION_NONE ? KM_ENOMEM : 0;
}

static int functions_init(struct functions *made, const km_prof *prof)
{
	const km_stats *stats = prof->stats;
	const km_tree *tree = prof->recording.tree;
	uint32_t count = tree ? tree->function_count : 0, number;
	int result = 0;

	km_function_set_init(&made->set);
	made->of_tree = malloc((count + 1u) * sizeof *made->of_tree);
	if (!made->of_tree)
		return KM_ENOMEM;
	for (uint32_t i = 0; !result && i < stats->function_count; i++)
		result = add_function(&made->set, &stats->functions[i], &number);
	for (uint32_t i = 0; !result && i < count; i++)
		result = add_function(&made->set, &tree->functions[i], &made->of_tree[i]);
	return result;
}

static void functions_finish(struct functions *made)
{
	km_function_set_finish(&made->set);
	free(made->of_tree);
}

/* --- the header --- */

static void put_stack(km_buffer *out, const km_call_tree_object *recording)
{
	const km_tree *tree = recording->tree;
	uint32_t node = recording->open_node;

	km_buffer_text(out, ",\"stack\":[");
	while (tree && node < tree->node_count) {
		km_export_number(out, node);
		if (node == 0)
			break;
		km_buffer_char(out, ',');
		node = tree->nodes[node].parent;
	}
	km_buffer_char(out, ']');
}

static void put_count(km_buffer *out, uint64_t value)
{
	km_buffer_char(out, ',');
	km_export_number(out, value);
}

static void put_seconds(km_buffer *out, double value)
{
	km_buffer_char(out, ',');
	km_export_float(out, value);
}

static void put_rows(km_buffer *out, const km_stats *stats)
{
	km_buffer_text(out, ",\"rows\":[");
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_numbers *numbers = &stats->rows[i].numbers;
		km_buffer_text(out, i ? ",[" : "[");
		km_export_number(out, i);
		put_count(out, numbers->primitive_calls);
		put_count(out, numbers->calls);
		put_seconds(out, numbers->tottime);
		put_seconds(out, numbers->cumtime);
		km_buffer_char(out, ']');
	}
	km_buffer_char(out, ']');
}

static void put_caller(km_buffer *out, uint32_t row, const km_stats_caller *caller)
{
	km_export_number(out, row);
	put_count(out, caller->function);
	put_count(out, caller->numbers.calls);
	if (caller->calls_only) {
		km_buffer_text(out, ",null,null,null");
		return;
	}
	put_count(out, caller->numbers.primitive_calls);
	put_seconds(out, caller->numbers.tottime);
	put_seconds(out, caller->numbers.cumtime);
}

static void put_callers(km_buffer *out, const km_stats *stats)
{
	bool first = true;

	km_buffer_text(out, ",\"callers\":[");
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		for (uint32_t k = 0; k < row->caller_count; k++) {
			km_buffer_text(out, first ? "[" : ",[");
			put_caller(out, i, &stats->callers[row->first_caller + k]);
			km_buffer_char(out, ']');
			first = false;
		}
	}
	km_buffer_char(out, ']');
}

static void put_totals(km_buffer *out, const km_stats *stats)
{
	km_buffer_text(out, ",\"total_calls\":");
	km_export_number(out, stats->totals.calls);
	km_buffer_text(out, ",\"primitive_calls\":");
	km_export_number(out, stats->totals.primitive_calls);
	km_buffer_text(out, ",\"total_time\":");
	km_export_float(out, stats->totals.tottime);
}

static void put_tree_notes(km_buffer *out, const km_tree *tree)
{
	const char *comma = "";

	if (tree->other != UINT32_MAX) {
		km_buffer_text(out,
			       "\"The memory of the recording was used up: calls on new paths were "
			       "counted for their function, under (other), not by path.\"");
		comma = ",";
	}
	if (tree->lost_calls)
		km_buffer_printf(out, "%s\"%llu calls were nested too deep and are in no count.\"",
				 comma, (unsigned long long)tree->lost_calls);
}

static void put_notes(km_buffer *out, const km_prof *prof)
{
	const km_tree *tree = prof->recording.tree;

	km_buffer_text(out, ",\"notes\":[");
	if (tree)
		put_tree_notes(out, tree);
	else if (prof->recording.version > 1)
		km_buffer_text(out,
			       "\"The call tree was written by a newer version of Komori; what is "
			       "shown are pairs of caller and callee.\"");
	else
		km_buffer_text(out,
			       "\"The file has no call tree, only pairs of caller and callee.\"");
	km_buffer_char(out, ']');
}

static int put_header(km_buffer *out, const char *id, const km_prof *prof,
		      struct functions *functions)
{
	const km_tree *tree = prof->recording.tree;

	km_buffer_text(out, "{\"facts\":{");
	km_viewer_put_facts(out, id, &prof->recording.facts);
	put_stack(out, &prof->recording);
	km_buffer_text(out, "},\"id\":");
	km_json_string(out, km_str_from(id));
	km_buffer_printf(out, ",\"exact\":%s,\"nodes\":%u", tree ? "true" : "false",
			 tree ? tree->node_count : 0);
	int result = km_viewer_put_functions(out, functions->set.functions, functions->set.count);
	if (tree && tree->other != UINT32_MAX)
		km_buffer_printf(out, ",\"other\":%u", functions->of_tree[tree->other]);
	else
		km_buffer_text(out, ",\"other\":null");
	put_rows(out, prof->stats);
	put_callers(out, prof->stats);
	put_totals(out, prof->stats);
	km_buffer_text(out, ",\"probe_seconds\":");
	if (tree)
		km_export_float(out, tree->probe_seconds);
	else
		km_buffer_text(out, "null");
	put_notes(out, prof);
	km_buffer_char(out, '}');
	return result;
}

/* --- columns --- */

static void align(km_buffer *out, char byte)
{
	km_buffer_fill(out, byte, (long)(-out->len & (ALIGNMENT - 1)));
}

static void store32(char *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof value);
}

static void store_double(char *at, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	bits = htole64(bits);
	memcpy(at, &bits, sizeof bits);
}

static void put_columns(km_buffer *out, const km_tree *tree, const uint32_t *function_of)
{
	size_t count = tree->node_count, numbers = (4 * count + ALIGNMENT - 1) & ~(size_t)7;
	size_t size = 2 * numbers + 16 * count;
	char *functions = km_buffer_reserve(out, size);

	if (!functions)
		return;
	char *parents = functions + numbers, *calls = parents + numbers,
	     *totals = calls + 8 * count;
	memset(functions, 0, 2 * numbers);
	for (size_t i = 0; i < count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		store32(functions + 4 * i, function_of[node->function]);
		store32(parents + 4 * i, node->parent);
		store_double(calls + 8 * i, (double)node->calls);
		store_double(totals + 8 * i, (double)node->ticks * tree->seconds_per_tick);
	}
	out->len += size;
}

int km_viewer_put_profile(km_buffer *out, const char *id, const km_prof *prof)
{
	const size_t length_at = out->len + 8, header_at = out->len + 12;
	struct functions functions;
	int result = functions_init(&functions, prof);
	char prefix[12] = "KMPV";

	store32(prefix + 4, VERSION);
	km_buffer_append(out, prefix, sizeof prefix);
	if (!result)
		result = put_header(out, id, prof, &functions);
	align(out, ' ');
	if (!out->failed)
		store32(out->data + length_at, (uint32_t)(out->len - header_at));
	if (!result && prof->recording.tree)
		put_columns(out, prof->recording.tree, functions.of_tree);
	functions_finish(&functions);
	return result;
}
