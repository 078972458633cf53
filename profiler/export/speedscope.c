/* Speedscope's own format, an evented profile (https://www.speedscope.app/file-format-schema.json).
 */
#include "profiler/export/job.h"
#include "profiler/report/function_text.h"

#include "framework/base/json.h"

static void put_frame(km_buffer *text, const km_function *function)
{
	km_buffer_text(text, "{\"name\":");
	km_json_string(text, km_str_from(function->name));
	if (!km_function_is_built_in(function)) {
		km_buffer_text(text, ",\"file\":");
		km_json_string(text, km_str_from(function->file));
		km_buffer_text(text, ",\"line\":");
		km_export_line(text, function->line);
	}
	km_buffer_char(text, '}');
}

static void put_head(km_export *job)
{
	const km_timeline *timeline = &job->timeline;
	km_buffer *text = &job->out.text, title = {0};

	km_export_title(&title, job->prof);
	if (job->notes.from_rows)
		km_buffer_printf(&title, " (%s)", km_export_rows_remark);
	km_buffer_text(text,
		       "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\","
		       "\"exporter\":\"komori " KM_VERSION "\",\"activeProfileIndex\":0,\"name\":");
	km_json_string(text, (km_str){title.data, title.len});
	km_buffer_text(text, ",\n\"shared\":{\"frames\":[");
	for (uint32_t i = 0; i < timeline->function_count; i++) {
		km_buffer_text(text, i ? ",\n" : "\n");
		put_frame(text, &timeline->functions[i]);
		km_export_out_drain(&job->out);
	}
	km_buffer_text(text, "]},\n\"profiles\":[{\"type\":\"evented\",\"name\":");
	km_json_string(text, (km_str){title.data, title.len});
	km_buffer_text(text, ",\"unit\":\"nanoseconds\",\"startValue\":0,\"endValue\":");
	km_export_number(text, timeline->duration);
	km_buffer_text(text, ",\"events\":[");
	text->failed |= title.failed;
	km_buffer_finish(&title);
}

static void put_event(km_export *job, const char *start, uint32_t node, uint64_t at)
{
	km_buffer *text = &job->out.text;

	km_buffer_text(text, start);
	km_export_number(text, job->timeline.nodes[node].function);
	km_buffer_text(text, ",\"at\":");
	km_export_number(text, at);
	km_buffer_char(text, '}');
	km_export_out_drain(&job->out);
}

int km_export_speedscope(km_export *job)
{
	static const char opens[] = ",\n{\"type\":\"O\",\"frame\":",
			  closes[] = ",\n{\"type\":\"C\",\"frame\":";
	const km_timeline_node *nodes = job->timeline.nodes;
	uint64_t now = nodes[0].own;
	uint32_t open = 0;

	put_head(job);
	put_event(job, opens + 1, 0, 0);
	for (uint32_t i = 1; i < job->timeline.count && !job->out.error; i++) {
		for (; open != nodes[i].parent; open = nodes[open].parent)
			put_event(job, closes, open, now);
		put_event(job, opens, i, now);
		now += nodes[i].own;
		open = i;
	}
	for (; open != 0; open = nodes[open].parent)
		put_event(job, closes, open, now);
	put_event(job, closes, 0, now);
	km_buffer_text(&job->out.text, "]}]}\n");
	return 0;
}
