/* Everything that a profile holds, in JSON (docs/komori.md). Each put function is given the text
 * that stands before its value: comma, key, bracket. */
#include "profiler/export/job.h"

#include "framework/base/json.h"

static void put_number(km_buffer *text, const char *before, uint64_t value)
{
	km_buffer_text(text, before);
	km_export_number(text, value);
}

static void put_float(km_buffer *text, const char *before, double value)
{
	km_buffer_text(text, before);
	km_export_float(text, value);
}

static void put_text(km_buffer *text, const char *before, const char *value)
{
	km_buffer_text(text, before);
	km_json_string(text, km_str_from(value));
}

static void put_facts(km_buffer *text, const km_call_tree_object *recording)
{
	const km_profile_facts *facts = &recording->facts;

	km_buffer_printf(text, "\"facts\":{\"status\":%d", facts->status);
	put_float(text, ",\"started\":", facts->started);
	put_float(text, ",\"elapsed\":", facts->elapsed);
	if (facts->method)
		put_text(text, ",\"method\":", facts->method);
	if (facts->path)
		put_text(text, ",\"path\":", facts->path);
	if (facts->route)
		put_text(text, ",\"route\":", facts->route);
	if (facts->query)
		put_text(text, ",\"query\":", facts->query);
	if (facts->outcome)
		put_text(text, ",\"outcome\":", facts->outcome);
	km_buffer_char(text, '}');
}

static void put_functions(km_export *job, const km_function *functions, uint32_t count)
{
	km_buffer *text = &job->out.text;

	km_buffer_text(text, ",\n\"functions\":[");
	for (uint32_t i = 0; i < count; i++) {
		put_text(text, i ? ",\n{\"file\":" : "\n{\"file\":", functions[i].file);
		km_buffer_text(text, ",\"line\":");
		km_export_line(text, functions[i].line);
		put_text(text, ",\"name\":", functions[i].name);
		km_buffer_char(text, '}');
		km_export_out_drain(&job->out);
	}
	km_buffer_char(text, ']');
}

static void put_numbers(km_buffer *text, const km_stats_numbers *numbers)
{
	put_number(text, "\"calls\":", numbers->calls);
	put_number(text, ",\"primitive_calls\":", numbers->primitive_calls);
	put_float(text, ",\"tottime\":", numbers->tottime);
	put_float(text, ",\"cumtime\":", numbers->cumtime);
}

static void put_callers(km_export *job, const km_stats_row *row)
{
	km_buffer *text = &job->out.text;

	km_buffer_text(text, ",\"callers\":[");
	for (uint32_t i = 0; i < row->caller_count; i++) {
		const km_stats_caller *caller = &job->prof->stats->callers[row->first_caller + i];
		put_number(text, i ? ",{\"function\":" : "{\"function\":", caller->function);
		km_buffer_char(text, ',');
		if (caller->calls_only)
			put_number(text, "\"calls\":", caller->numbers.calls);
		else
			put_numbers(text, &caller->numbers);
		km_buffer_char(text, '}');
		km_export_out_drain(&job->out);
	}
	km_buffer_char(text, ']');
}

static void put_rows(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_buffer *text = &job->out.text;

	km_buffer_text(text, ",\n\"rows\":[");
	for (uint32_t i = 0; i < stats->row_count && !job->out.error; i++) {
		km_buffer_text(text, i ? ",\n{" : "\n{");
		put_numbers(text, &stats->rows[i].numbers);
		put_callers(job, &stats->rows[i]);
		km_buffer_char(text, '}');
	}
	km_buffer_char(text, ']');
}

static void put_nodes(km_export *job, const km_tree *tree)
{
	km_buffer *text = &job->out.text;

	km_buffer_text(text, ",\n\"nodes\":[");
	for (uint32_t i = 0; i < tree->node_count && !job->out.error; i++) {
		const km_tree_node *node = &tree->nodes[i];
		put_number(text, i ? ",\n[" : "\n[", node->function);
		put_number(text, ",", node->parent);
		put_number(text, ",", node->calls);
		put_number(text, ",", node->ticks);
		km_buffer_char(text, ']');
		km_export_out_drain(&job->out);
	}
	km_buffer_text(text, "],\n\"folded\":[");
	for (uint32_t i = 0; i < tree->folded_count && !job->out.error; i++) {
		const km_tree_folded *folded = &tree->folded[i];
		put_number(text, i ? ",\n[" : "\n[", folded->function);
		put_number(text, ",", folded->calls);
		put_number(text, ",", folded->primitive_calls);
		put_number(text, ",", folded->own_ticks);
		put_number(text, ",", folded->cumulative_ticks);
		km_buffer_char(text, ']');
		km_export_out_drain(&job->out);
	}
	km_buffer_char(text, ']');
}

static void put_tree(km_export *job)
{
	const km_call_tree_object *recording = &job->prof->recording;
	const km_tree *tree = recording->tree;
	km_buffer *text = &job->out.text;

	if (!tree) {
		km_buffer_text(text, ",\n\"tree\":null");
		return;
	}
	put_text(text, ",\n\"tree\":{\"komori\":", recording->komori);
	km_buffer_printf(text, ",\"pid\":%d", (int)recording->pid);
	put_float(text, ",\"seconds_per_tick\":", tree->seconds_per_tick);
	put_float(text, ",\"probe_seconds\":", tree->probe_seconds);
	put_number(text, ",\"lost_calls\":", tree->lost_calls);
	if (tree->other == UINT32_MAX)
		km_buffer_text(text, ",\"other\":null");
	else
		put_number(text, ",\"other\":", tree->other);
	put_functions(job, tree->functions, tree->function_count);
	put_nodes(job, tree);
	km_buffer_char(text, '}');
}

int km_export_json(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_buffer *text = &job->out.text;

	km_buffer_text(text, "{\"format\":\"komori profile\",\"version\":1,\n");
	put_facts(text, &job->prof->recording);
	put_number(text, ",\n\"totals\":{\"calls\":", stats->totals.calls);
	put_number(text, ",\"primitive_calls\":", stats->totals.primitive_calls);
	put_float(text, ",\"tottime\":", stats->totals.tottime);
	km_buffer_char(text, '}');
	put_functions(job, stats->functions, stats->function_count);
	put_rows(job);
	put_tree(job);
	km_buffer_text(text, "}\n");
	return 0;
}
