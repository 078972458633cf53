/* Speedscope's own format, an evented profile (https://www.speedscope.app/file-format-schema.json).
 */
#include "profiler/export/job.h"
#include "profiler/report/function_text.h"

static void put_frame(km_json_writer *json, const km_function *function)
{
	km_json_line(json);
	km_json_object(json);
	km_json_key_text(json, "name", function->name);
	if (!km_function_is_built_in(function)) {
		km_json_key_text(json, "file", function->file);
		km_json_key_integer(json, "line", function->line);
	}
	km_json_object_end(json);
}

static void put_frames(km_export *job)
{
	const km_timeline *timeline = &job->timeline;
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_key(json, "shared");
	km_json_object(json);
	km_json_key(json, "frames");
	km_json_array(json);
	for (uint32_t i = 0; i < timeline->function_count; i++) {
		put_frame(json, &timeline->functions[i]);
		km_export_out_drain(&job->out);
	}
	km_json_array_end(json);
	km_json_object_end(json);
}

/* Puts the members of the profile up to its events, and opens these. */
static void put_profile_head(km_export *job)
{
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_key(json, "profiles");
	km_json_array(json);
	km_json_object(json);
	km_json_key_text(json, "type", "evented");
	km_json_key_text(json, "name", job->title.data);
	km_json_key_text(json, "unit", "nanoseconds");
	km_json_key_unsigned(json, "startValue", 0);
	km_json_key_unsigned(json, "endValue", job->timeline.duration);
	km_json_key(json, "events");
	km_json_array(json);
}

static void put_head(km_export *job)
{
	km_json_writer *json = &job->json;

	if (job->notes.from_rows)
		km_buffer_printf(&job->title, " (%s)", km_export_rows_remark);
	json->out->failed |= job->title.failed;
	km_json_object(json);
	km_json_key_text(json, "$schema", "https://www.speedscope.app/file-format-schema.json");
	km_json_key_text(json, "exporter", "komori " KM_VERSION);
	km_json_key_unsigned(json, "activeProfileIndex", 0);
	km_json_key_text(json, "name", job->title.data);
	put_frames(job);
	put_profile_head(job);
}

static const km_str opens = {"\"type\":\"O\"", 10}, closes = {"\"type\":\"C\"", 10};

static void put_event(km_export *job, km_str type, uint32_t node, uint64_t at)
{
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_object(json);
	km_json_raw(json, type);
	km_json_key_unsigned(json, "frame", job->timeline.nodes[node].function);
	km_json_key_unsigned(json, "at", at);
	km_json_object_end(json);
	km_export_out_drain(&job->out);
}

int km_export_speedscope(km_export *job)
{
	const km_timeline_node *nodes = job->timeline.nodes;
	uint64_t now = nodes[0].own;
	uint32_t open = 0;

	put_head(job);
	put_event(job, opens, 0, 0);
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
