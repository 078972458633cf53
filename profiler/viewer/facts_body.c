/* What several answers have. */
#include "framework/base/json.h"
#include "profiler/export/out.h"
#include "profiler/stats/labels.h"
#include "profiler/viewer/bodies.h"

#include <stdlib.h>

void km_viewer_put_text(km_buffer *out, const char *name, const char *value)
{
	km_buffer_printf(out, ",\"%s\":", name);
	if (value)
		km_json_string(out, km_str_from(value));
	else
		km_buffer_text(out, "null");
}

void km_viewer_put_facts(km_buffer *out, const char *id, const km_profile_facts *facts)
{
	km_buffer_text(out, "\"id\":");
	km_json_string(out, km_str_from(id));
	km_viewer_put_text(out, "method", facts->method);
	km_viewer_put_text(out, "path", facts->path);
	km_viewer_put_text(out, "route", facts->route);
	km_viewer_put_text(out, "query", facts->query);
	km_viewer_put_text(out, "outcome", facts->outcome);
	km_buffer_printf(out, ",\"status\":%d,\"started\":", facts->status);
	km_export_float(out, facts->started);
	km_buffer_text(out, ",\"elapsed\":");
	km_export_float(out, facts->elapsed);
}

int km_viewer_put_functions(km_buffer *out, km_function *functions, uint32_t count)
{
	km_stats named = {.functions = functions, .function_count = count};
	int result = km_labels_make(&named);

	km_buffer_text(out, ",\"functions\":[");
	for (uint32_t i = 0; !result && i < count; i++) {
		km_buffer_text(out, i ? ",[" : "[");
		km_json_string(out, km_str_from(functions[i].file));
		km_buffer_char(out, ',');
		km_export_line(out, functions[i].line);
		km_buffer_char(out, ',');
		km_json_string(out, km_str_from(functions[i].name));
		km_buffer_char(out, ']');
	}
	km_buffer_text(out, "],\"labels\":[");
	for (uint32_t i = 0; !result && i < count; i++) {
		km_buffer_text(out, i ? "," : "");
		km_json_string(out, named.labels[i]);
	}
	km_buffer_char(out, ']');
	free(named.labels);
	free(named.label_size);
	free(named.label_bytes);
	return result;
}
