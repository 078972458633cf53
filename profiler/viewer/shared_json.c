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
