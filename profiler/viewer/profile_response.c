/* One profile: a header in JSON, and the call tree in columns. */
#include "profiler/viewer/responses.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

enum { VERSION = 1, ALIGNMENT = 8 };

/* --- the header --- */

static void put_stack(km_json_writer *json, const km_call_tree_object *recording)
{
	const km_tree *tree = recording->tree;
	uint32_t node = recording->open_node;

	km_json_key(json, "stack");
	km_json_array(json);
	while (tree && node < tree->node_count) {
		km_json_unsigned(json, node);
		if (node == 0)
			break;
		node = tree->nodes[node].parent;
	}
	km_json_array_end(json);
}

static void put_rows(km_json_writer *json, const km_stats *stats)
{
	km_json_key(json, "rows");
	km_json_array(json);
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_numbers *numbers = &stats->rows[i].numbers;
		km_json_array(json);
		km_json_unsigned(json, i);
		km_json_unsigned(json, numbers->primitive_calls);
		km_json_unsigned(json, numbers->calls);
		km_json_double(json, numbers->tottime);
		km_json_double(json, numbers->cumtime);
		km_json_array_end(json);
	}
	km_json_array_end(json);
}

static void put_caller(km_json_writer *json, uint32_t row, const km_stats_caller *caller)
{
	km_json_array(json);
	km_json_unsigned(json, row);
	km_json_unsigned(json, caller->function);
	km_json_unsigned(json, caller->numbers.calls);
	if (caller->calls_only) {
		km_json_null(json);
		km_json_null(json);
		km_json_null(json);
	} else {
		km_json_unsigned(json, caller->numbers.primitive_calls);
		km_json_double(json, caller->numbers.tottime);
		km_json_double(json, caller->numbers.cumtime);
	}
	km_json_array_end(json);
}

static void put_callers(km_json_writer *json, const km_stats *stats)
{
	km_json_key(json, "callers");
	km_json_array(json);
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		for (uint32_t k = 0; k < row->caller_count; k++)
			put_caller(json, i, &stats->callers[row->first_caller + k]);
	}
	km_json_array_end(json);
}

static void put_totals(km_json_writer *json, const km_stats *stats)
{
	km_json_key_unsigned(json, "total_calls", stats->totals.calls);
	km_json_key_unsigned(json, "primitive_calls", stats->totals.primitive_calls);
	km_json_key_double(json, "total_time", stats->totals.tottime);
}

static void put_tree_notes(km_json_writer *json, const km_tree *tree)
{
	char text[100];

	if (tree->other != UINT32_MAX)
		km_json_text(json, "The recording used up its memory. Later calls on new paths are "
				   "counted for their function under (other), not by path.");
	if (tree->lost_calls) {
		snprintf(text, sizeof text, "%llu calls were nested too deep and are not counted.",
			 (unsigned long long)tree->lost_calls);
		km_json_text(json, text);
	}
}

static void put_notes(km_json_writer *json, const km_prof *prof)
{
	const km_tree *tree = prof->recording.tree;

	km_json_key(json, "notes");
	km_json_array(json);
	if (tree)
		put_tree_notes(json, tree);
	else if (prof->recording.version > 1)
		km_json_text(json, "A newer version of Komori wrote the call tree. This page shows "
				   "pairs of caller and callee.");
	else
		km_json_text(json, "The file has no call tree, only pairs of caller and callee.");
	km_json_array_end(json);
}

static int put_header(km_buffer *out, const char *id, const km_prof *prof,
		      km_viewer_functions *functions)
{
	const km_tree *tree = prof->recording.tree;
	km_json_writer writer = {.out = out}, *json = &writer;

	km_json_object(json);
	km_json_key(json, "facts");
	km_json_object(json);
	km_viewer_put_facts(json, id, &prof->recording.facts);
	put_stack(json, &prof->recording);
	km_json_object_end(json);
	km_json_key_text(json, "id", id);
	km_viewer_put_bool(json, "exact", tree != NULL);
	km_json_key_unsigned(json, "nodes", tree ? tree->node_count : 0);
	int result = km_viewer_put_functions(json, functions->set.functions, functions->set.count);
	km_json_key(json, "other");
	if (tree && tree->other != UINT32_MAX)
		km_json_unsigned(json, functions->of_tree[tree->other]);
	else
		km_json_null(json);
	put_rows(json, prof->stats);
	put_callers(json, prof->stats);
	put_totals(json, prof->stats);
	km_json_key(json, "probe_seconds");
	if (tree)
		km_json_double(json, tree->probe_seconds);
	else
		km_json_null(json);
	put_notes(json, prof);
	km_json_object_end(json);
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
	km_viewer_functions functions;
	int result = km_viewer_functions_init(&functions, prof);
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
	km_viewer_functions_finish(&functions);
	return result;
}
