/* Parts of several responses. */
#include "profiler/stats/labels.h"
#include "profiler/viewer/responses.h"

#include <stdlib.h>

void km_viewer_put_bool(km_json_writer *json, const char *key, bool value)
{
	km_json_key(json, key);
	km_json_bool(json, value);
}

void km_viewer_put_facts(km_json_writer *json, const char *id, const km_profile_facts *facts)
{
	km_json_key_text(json, "id", id);
	km_json_key_text(json, "method", facts->method);
	km_json_key_text(json, "path", facts->path);
	km_json_key_text(json, "route", facts->route);
	km_json_key_text(json, "query", facts->query);
	km_json_key_text(json, "outcome", facts->outcome);
	km_json_key_integer(json, "status", facts->status);
	km_json_key_double(json, "started", facts->started);
	km_json_key_double(json, "elapsed", facts->elapsed);
}

int km_viewer_put_functions(km_json_writer *json, km_function *functions, uint32_t count)
{
	km_stats named = {.functions = functions, .function_count = count};
	int result = km_labels_make(&named);

	km_json_key(json, "functions");
	km_json_array(json);
	for (uint32_t i = 0; !result && i < count; i++) {
		km_json_array(json);
		km_json_text(json, functions[i].file);
		km_json_integer(json, functions[i].line);
		km_json_text(json, functions[i].name);
		km_json_array_end(json);
	}
	km_json_array_end(json);
	km_json_key(json, "labels");
	km_json_array(json);
	for (uint32_t i = 0; !result && i < count; i++)
		km_json_str(json, named.labels[i]);
	km_json_array_end(json);
	free(named.labels);
	free(named.label_size);
	free(named.label_bytes);
	return result;
}

int km_viewer_functions_init(km_viewer_functions *made, const km_prof *prof)
{
	const km_stats *stats = prof->stats;
	const km_tree *tree = prof->recording.tree;
	uint32_t rest = tree ? tree->function_count : 0;

	km_function_set_init(&made->set);
	made->of_tree = malloc((rest + 1u) * sizeof *made->of_tree);
	if (!made->of_tree)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < stats->function_count + rest; i++) {
		bool of_rows = i < stats->function_count;
		const km_function *function = of_rows ? &stats->functions[i]
						      : &tree->functions[i - stats->function_count];
		uint32_t index = km_function_set_copy(&made->set, function->file, function->line,
						      function->name);
		if (index == KM_FUNCTION_NONE)
			return KM_ENOMEM;
		if (!of_rows)
			made->of_tree[i - stats->function_count] = index;
	}
	return 0;
}

void km_viewer_functions_finish(km_viewer_functions *made)
{
	km_function_set_finish(&made->set);
	free(made->of_tree);
}
