#include "profiler/dump/call_tree_writer.h"

#include "profiler/dump/call_tree_columns.h"

enum { FORMAT_VERSION = 1 };

static void text_item(km_marshal_writer *out, const char *key, const char *value)
{
	if (!value)
		return;
	km_marshal_write_text(out, key);
	km_marshal_write_text(out, value);
}

static void int_item(km_marshal_writer *out, const char *key, int64_t value)
{
	km_marshal_write_text(out, key);
	km_marshal_write_int(out, value);
}

static void float_item(km_marshal_writer *out, const char *key, double value)
{
	km_marshal_write_text(out, key);
	km_marshal_write_float(out, value);
}

static void functions_item(km_marshal_writer *out, const km_tree *tree)
{
	km_marshal_write_text(out, "functions");
	km_marshal_write_tuple(out, tree->function_count);
	for (uint32_t i = 0; i < tree->function_count; i++) {
		km_marshal_write_tuple(out, 3);
		km_marshal_write_text(out, tree->functions[i].file);
		km_marshal_write_int(out, tree->functions[i].line);
		km_marshal_write_text(out, tree->functions[i].name);
	}
}

static void other_item(km_marshal_writer *out, const km_tree *tree)
{
	km_marshal_write_text(out, "other");
	if (tree->other == UINT32_MAX)
		km_marshal_write_none(out);
	else
		km_marshal_write_int(out, tree->other);
}

static void facts_item(km_marshal_writer *out, const km_profile_facts *facts)
{
	km_marshal_write_text(out, "facts");
	km_marshal_write_dict(out);
	if (facts) {
		text_item(out, "method", facts->method);
		text_item(out, "path", facts->path);
		text_item(out, "route", facts->route);
		text_item(out, "query", facts->query);
		text_item(out, "outcome", facts->outcome);
		int_item(out, "status", facts->status);
		float_item(out, "started", facts->started);
		float_item(out, "elapsed", facts->elapsed);
	}
	km_marshal_write_dict_end(out);
}

void km_call_tree_write(km_marshal_writer *out, const km_prof_content *prof)
{
	const km_tree *tree = prof->tree;

	km_marshal_write_dict(out);
	text_item(out, "format", "komori call tree");
	int_item(out, "version", FORMAT_VERSION);
	text_item(out, "komori", KM_VERSION);
	int_item(out, "pid", prof->pid);
	facts_item(out, prof->facts);
	if (prof->open_node)
		int_item(out, "open_node", *prof->open_node);
	float_item(out, "seconds_per_tick", tree->seconds_per_tick);
	float_item(out, "probe_seconds", tree->probe_seconds);
	km_marshal_write_text(out, "lost_calls");
	km_marshal_write_unsigned(out, tree->lost_calls);
	functions_item(out, tree);
	other_item(out, tree);
	km_call_tree_columns_write_folded(out, tree);
	km_call_tree_columns_write_nodes(out, tree);
	km_marshal_write_dict_end(out);
}
