/* Everything that a profile holds, as JSON (docs/komori.md). */
#include "profiler/export/job.h"

static void put_facts(km_json_writer *json, const km_profile_facts *facts)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{"method", facts->method}, {"path", facts->path},	{"route", facts->route},
		{"query", facts->query},   {"outcome", facts->outcome},
	};

	km_json_key(json, "facts");
	km_json_object(json);
	km_json_key_integer(json, "status", facts->status);
	km_json_key_double(json, "started", facts->started);
	km_json_key_double(json, "elapsed", facts->elapsed);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (!texts[i].value)
			continue;
		km_json_key_text(json, texts[i].key, texts[i].value);
	}
	km_json_object_end(json);
}

/* Begins an array on a line of its own. */
static void put_array(km_json_writer *json, const char *key)
{
	km_json_line(json);
	km_json_key(json, key);
	km_json_array(json);
}

static void put_functions(km_export *job, const km_function *functions, uint32_t count)
{
	km_json_writer *json = &job->json;

	put_array(json, "functions");
	for (uint32_t i = 0; i < count; i++) {
		km_json_line(json);
		km_json_object(json);
		km_json_key_text(json, "file", functions[i].file);
		km_json_key_integer(json, "line", functions[i].line);
		km_json_key_text(json, "name", functions[i].name);
		km_json_object_end(json);
		km_export_out_drain(&job->out);
	}
	km_json_array_end(json);
}

static void put_counts(km_json_writer *json, const km_stats_numbers *numbers)
{
	km_json_key_unsigned(json, "calls", numbers->calls);
	km_json_key_unsigned(json, "primitive_calls", numbers->primitive_calls);
	km_json_key_double(json, "tottime", numbers->tottime);
}

static void put_numbers(km_json_writer *json, const km_stats_numbers *numbers)
{
	put_counts(json, numbers);
	km_json_key_double(json, "cumtime", numbers->cumtime);
}

static void put_callers(km_export *job, const km_stats_row *row)
{
	km_json_writer *json = &job->json;

	km_json_key(json, "callers");
	km_json_array(json);
	for (uint32_t i = 0; i < row->caller_count; i++) {
		const km_stats_caller *caller = &job->prof->stats->callers[row->first_caller + i];
		km_json_object(json);
		km_json_key_unsigned(json, "function", caller->function);
		if (caller->calls_only) {
			km_json_key_unsigned(json, "calls", caller->numbers.calls);
		} else {
			put_numbers(json, &caller->numbers);
		}
		km_json_object_end(json);
		km_export_out_drain(&job->out);
	}
	km_json_array_end(json);
}

static void put_rows(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_json_writer *json = &job->json;

	put_array(json, "rows");
	for (uint32_t i = 0; i < stats->row_count && !job->out.error; i++) {
		km_json_line(json);
		km_json_object(json);
		put_numbers(json, &stats->rows[i].numbers);
		put_callers(job, &stats->rows[i]);
		km_json_object_end(json);
	}
	km_json_array_end(json);
}

/* Puts an array of numbers on a line of its own. */
static void put_tuple(km_export *job, const uint64_t *numbers, size_t count)
{
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_array(json);
	for (size_t i = 0; i < count; i++)
		km_json_unsigned(json, numbers[i]);
	km_json_array_end(json);
	km_export_out_drain(&job->out);
}

static void put_nodes(km_export *job, const km_tree *tree)
{
	put_array(&job->json, "nodes");
	for (uint32_t i = 0; i < tree->node_count && !job->out.error; i++) {
		const km_tree_node *node = &tree->nodes[i];
		put_tuple(job, (uint64_t[]){node->function, node->parent, node->calls, node->ticks},
			  4);
	}
	km_json_array_end(&job->json);
	put_array(&job->json, "folded");
	for (uint32_t i = 0; i < tree->folded_count && !job->out.error; i++) {
		const km_tree_folded *folded = &tree->folded[i];
		put_tuple(job,
			  (uint64_t[]){folded->function, folded->calls, folded->primitive_calls,
				       folded->own_ticks, folded->cumulative_ticks},
			  5);
	}
	km_json_array_end(&job->json);
}

static void put_tree(km_export *job)
{
	const km_call_tree_object *recording = &job->prof->recording;
	const km_tree *tree = recording->tree;
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_key(json, "tree");
	if (!tree) {
		km_json_null(json);
		return;
	}
	km_json_object(json);
	km_json_key_text(json, "komori", recording->komori);
	km_json_key_integer(json, "pid", recording->pid);
	km_json_key_double(json, "seconds_per_tick", tree->seconds_per_tick);
	km_json_key_double(json, "probe_seconds", tree->probe_seconds);
	km_json_key_unsigned(json, "lost_calls", tree->lost_calls);
	km_json_key(json, "other");
	if (tree->other == UINT32_MAX)
		km_json_null(json);
	else
		km_json_unsigned(json, tree->other);
	put_functions(job, tree->functions, tree->function_count);
	put_nodes(job, tree);
	km_json_object_end(json);
}

int km_export_json(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_json_writer *json = &job->json;

	km_json_object(json);
	km_json_key_text(json, "format", "komori profile");
	km_json_key_unsigned(json, "version", 1);
	km_json_line(json);
	put_facts(json, &job->prof->recording.facts);
	km_json_line(json);
	km_json_key(json, "totals");
	km_json_object(json);
	put_counts(json, &stats->totals);
	km_json_object_end(json);
	put_functions(job, stats->functions, stats->function_count);
	put_rows(job);
	put_tree(job);
	km_json_object_end(json);
	km_buffer_char(&job->out.text, '\n');
	return 0;
}
