/* Trace events in JSON, complete events only ("Trace Event Format", Google): opened by Perfetto and
 * chrome://tracing. */
#include "profiler/export/job.h"

#include "framework/base/json.h"
#include "profiler/export/frames.h"

/* An event up to its number of calls. */
static void append_start(km_buffer *text, const km_function *function)
{
	km_buffer_text(text, "{\"name\":");
	km_json_string(text, km_str_from(function->name));
	km_buffer_text(text, ",\"args\":{\"file\":");
	km_json_string(text, km_str_from(function->file));
	km_buffer_text(text, ",\"line\":");
	km_export_line(text, function->line);
	km_buffer_text(text, ",\"calls\":");
}

/* Nanoseconds as microseconds: "12.345". */
static void put_microseconds(km_buffer *text, uint64_t nanoseconds)
{
	uint64_t rest = nanoseconds % 1000;
	char digits[] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10),
			 (char)('0' + rest % 10)};

	km_export_number(text, nanoseconds / 1000);
	km_buffer_append(text, digits, sizeof digits);
}

static void put_event(km_export *job, const km_frames *frames, const km_timeline_node *node,
		      uint64_t start)
{
	km_buffer *text = &job->out.text;

	km_frames_append(text, frames, node->function);
	km_export_number(text, node->calls);
	km_buffer_text(text, "},\"ph\":\"X\",\"ts\":");
	put_microseconds(text, start);
	km_buffer_text(text, ",\"dur\":");
	put_microseconds(text, node->total);
	km_buffer_printf(text, ",\"pid\":%d,\"tid\":1}", (int)job->prof->recording.pid);
	km_export_out_drain(&job->out);
}

static void put_head(km_export *job)
{
	km_buffer *text = &job->out.text, title = {0};

	km_export_title(&title, job->prof);
	km_buffer_text(
		text, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"exporter\":\"komori " KM_VERSION
		      "\"");
	if (job->notes.from_rows) {
		km_buffer_text(text, ",\"remark\":");
		km_json_string(text, km_str_from(km_export_rows_remark));
	}
	km_buffer_printf(text,
			 "},\n\"traceEvents\":[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%"
			 "d,\"tid\":1,"
			 "\"args\":{\"name\":",
			 (int)job->prof->recording.pid);
	km_json_string(text, (km_str){title.data, title.len});
	km_buffer_text(text, "}}");
	text->failed |= title.failed;
	km_buffer_finish(&title);
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
		km_buffer_text(&job->out.text, ",\n");
		put_event(job, &frames, &timeline->nodes[i], start);
		start += timeline->nodes[i].own;
	}
	km_buffer_text(&job->out.text, "\n]}\n");
	km_frames_finish(&frames);
	return result;
}
