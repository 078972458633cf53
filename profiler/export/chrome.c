/* Trace events in JSON, complete events only ("Trace Event Format", Google). Perfetto and
 * chrome://tracing open them. */
#include "profiler/export/frames.h"
#include "profiler/export/job.h"

/* Appends the members of an event up to its number of calls. */
static void append_start(km_buffer *text, const km_function *function)
{
	km_json_writer json = {.out = text};

	km_json_key_text(&json, "name", function->name);
	km_json_key(&json, "args");
	km_json_object(&json);
	km_json_key_text(&json, "file", function->file);
	km_json_key_integer(&json, "line", function->line);
}

/* Puts nanoseconds as microseconds: 12.345. */
static void put_microseconds(km_json_writer *json, const char *key, uint64_t nanoseconds)
{
	char text[KM_DECIMAL_SIZE + 4];
	size_t len = km_decimal(text, nanoseconds / 1000);
	uint64_t rest = nanoseconds % 1000;

	text[len++] = '.';
	text[len++] = (char)('0' + rest / 100);
	text[len++] = (char)('0' + rest / 10 % 10);
	text[len++] = (char)('0' + rest % 10);
	km_json_key(json, key);
	km_json_raw(json, (km_str){text, len});
}

static void put_thread(km_export *job)
{
	km_json_key_integer(&job->json, "pid", job->prof->recording.pid);
	km_json_key_unsigned(&job->json, "tid", 1);
}

static void put_event(km_export *job, const km_frames *frames, const km_timeline_node *node,
		      uint64_t start)
{
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_object(json);
	km_json_raw(json, km_frames_text(frames, node->function));
	km_json_key_unsigned(json, "calls", node->calls);
	km_json_object_end(json);
	km_json_key_text(json, "ph", "X");
	put_microseconds(json, "ts", start);
	put_microseconds(json, "dur", node->total);
	put_thread(job);
	km_json_object_end(json);
	km_export_out_drain(&job->out);
}

/* Puts the metadata event that names the process. */
static void put_process_name(km_export *job)
{
	km_json_writer *json = &job->json;

	km_json_line(json);
	km_json_object(json);
	km_json_key_text(json, "name", "process_name");
	km_json_key_text(json, "ph", "M");
	put_thread(job);
	km_json_key(json, "args");
	km_json_object(json);
	km_json_key_text(json, "name", job->title.data);
	km_json_object_end(json);
	km_json_object_end(json);
}

static void put_head(km_export *job)
{
	km_json_writer *json = &job->json;

	km_json_object(json);
	km_json_key_text(json, "displayTimeUnit", "ns");
	km_json_key(json, "otherData");
	km_json_object(json);
	km_json_key_text(json, "exporter", "komori " KM_VERSION);
	if (job->notes.from_rows)
		km_json_key_text(json, "remark", km_export_rows_remark);
	km_json_object_end(json);
	km_json_line(json);
	km_json_key(json, "traceEvents");
	km_json_array(json);
	put_process_name(job);
}

int km_export_chrome(km_export *job)
{
	const km_timeline *timeline = &job->timeline;
	uint64_t start = 0;
	km_frames frames;
	int result = km_frames_init(&frames, timeline, append_start);

	if (!result)
		put_head(job);
	for (uint32_t i = 0; !result && !job->out.error && i < timeline->count; i++) {
		put_event(job, &frames, &timeline->nodes[i], start);
		start += timeline->nodes[i].own;
	}
	km_buffer_text(&job->out.text, "\n]}\n");
	km_frames_finish(&frames);
	return result;
}
