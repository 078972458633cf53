/* pprof's profile.proto (github.com/google/pprof): every node of the tree is a sample with its
 * calls and its own time. */
#include "profiler/export/job.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* Fields of the messages. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_TIME = 9,
	PROFILE_DURATION = 10,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,
	SAMPLE_LOCATION = 1,
	SAMPLE_VALUE = 2,
	LOCATION_ID = 1,
	LOCATION_LINE = 4,
	LINE_FUNCTION = 1,
	LINE_LINE = 2,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_FILE = 4,
	FUNCTION_START_LINE = 5,
};

enum { WIRE_VARINT = 0, WIRE_BYTES = 2, VARINT_SIZE = 10 };

/* The string table: these, then the name and the file of each function. */
static const char cut_name[] = "(frames left out)";
static const char *const strings[] = {
	"", "calls", "count", "wall", "nanoseconds", cut_name, km_export_rows_remark};
enum { CALLS = 1, COUNT, WALL, NANOSECONDS, CUT, REMARK, FUNCTION_STRINGS };

static void put_varint(km_buffer *out, uint64_t value)
{
	char *at = km_buffer_reserve(out, VARINT_SIZE);

	if (!at)
		return;
	for (; value >= 0x80; value >>= 7, out->len++)
		*at++ = (char)(value | 0x80);
	*at = (char)value;
	out->len++;
}

static void put_tag(km_buffer *out, unsigned field, unsigned wire)
{
	put_varint(out, field << 3 | wire);
}

static void put_number(km_buffer *out, unsigned field, uint64_t value)
{
	put_tag(out, field, WIRE_VARINT);
	put_varint(out, value);
}

static void put_bytes(km_buffer *out, unsigned field, const km_buffer *bytes)
{
	put_tag(out, field, WIRE_BYTES);
	put_varint(out, bytes->len);
	km_buffer_append(out, bytes->data, bytes->len);
	out->failed |= bytes->failed;
}

typedef struct writer {
	km_export *job;
	gzFile gzip;
	km_buffer plain;	 /* not compressed yet */
	km_buffer message, part; /* the current message of the profile, and one inside it */
	km_stack stack;
} writer;

static int gzip_error(int result)
{
	return result == Z_OK ? 0 : result == Z_ERRNO ? errno : ENOMEM;
}

/* Compresses the bytes once they are many. */
static void drain(writer *out, size_t least)
{
	km_export_out *file = &out->job->out;
	int result = Z_OK;

	if (out->plain.len < least && !out->plain.failed)
		return;
	if (out->plain.failed)
		result = Z_MEM_ERROR;
	else if (gzwrite(out->gzip, out->plain.data, (unsigned)out->plain.len) == 0)
		gzerror(out->gzip, &result);
	if (!file->error)
		file->error = gzip_error(result);
	km_buffer_clear(&out->plain);
}

static void put_message(writer *out, unsigned field)
{
	put_bytes(&out->plain, field, &out->message);
	km_buffer_clear(&out->message);
	drain(out, KM_EXPORT_OUT_SIZE);
}

static void put_value_type(writer *out, unsigned type, unsigned unit)
{
	put_number(&out->message, VALUE_TYPE_TYPE, type);
	put_number(&out->message, VALUE_TYPE_UNIT, unit);
	put_message(out, PROFILE_SAMPLE_TYPE);
}

/* Returns the location of a function; both have the id index + 1. */
static uint64_t location_of(const writer *out, uint32_t function)
{
	return 1u +
	       (uint64_t)(function == KM_STACK_CUT ? out->job->timeline.function_count : function);
}

static void put_sample(writer *out, const uint32_t *frames, uint32_t count, uint64_t calls,
		       uint64_t own)
{
	km_buffer_clear(&out->part);
	for (uint32_t i = 0; i < count; i++)
		put_varint(&out->part, location_of(out, frames[i]));
	put_bytes(&out->message, SAMPLE_LOCATION, &out->part);
	km_buffer_clear(&out->part);
	put_varint(&out->part, calls);
	put_varint(&out->part, own);
	put_bytes(&out->message, SAMPLE_VALUE, &out->part);
	put_message(out, PROFILE_SAMPLE);
}

static void put_samples(writer *out)
{
	const km_timeline *timeline = &out->job->timeline;

	for (uint32_t i = 0; i < timeline->count && !out->job->out.error; i++) {
		const km_timeline_node *node = &timeline->nodes[i];
		km_stack_enter(&out->stack, timeline, i);
		if (!node->calls && !node->own)
			continue;
		put_sample(out, out->stack.frames, out->stack.count, node->calls, node->own);
		out->job->notes.cut_stacks += out->stack.left_out > 0;
	}
}

/* Puts the calls of folded functions below (other). The (other) nodes have their time. */
static void put_folded(writer *out)
{
	const km_tree *tree = out->job->prof->recording.tree;

	for (uint32_t i = 0; tree && i < tree->folded_count; i++) {
		uint32_t frames[] = {tree->folded[i].function, tree->other,
				     tree->nodes[0].function};
		put_sample(out, frames, 3, tree->folded[i].calls, 0);
	}
}

static void put_location(writer *out, uint64_t id, int line)
{
	km_buffer_clear(&out->part);
	put_number(&out->part, LINE_FUNCTION, id);
	put_number(&out->part, LINE_LINE, line > 0 ? (uint64_t)line : 0);
	put_number(&out->message, LOCATION_ID, id);
	put_bytes(&out->message, LOCATION_LINE, &out->part);
	put_message(out, PROFILE_LOCATION);
}

/* Puts no system name, which pprof reads as a mangled one. */
static void put_function(writer *out, uint64_t id, uint64_t name, uint64_t file, int line)
{
	put_number(&out->message, FUNCTION_ID, id);
	put_number(&out->message, FUNCTION_NAME, name);
	put_number(&out->message, FUNCTION_FILE, file);
	put_number(&out->message, FUNCTION_START_LINE, line > 0 ? (uint64_t)line : 0);
	put_message(out, PROFILE_FUNCTION);
}

static void put_functions(writer *out)
{
	const km_timeline *timeline = &out->job->timeline;

	for (uint32_t i = 0; i < timeline->function_count; i++) {
		int line = timeline->functions[i].line;
		put_location(out, i + 1u, line);
		put_function(out, i + 1u, FUNCTION_STRINGS + 2ull * i,
			     FUNCTION_STRINGS + 2ull * i + 1, line);
	}
	put_location(out, location_of(out, KM_STACK_CUT), 0);
	put_function(out, location_of(out, KM_STACK_CUT), CUT, 0, 0);
}

static void put_string(writer *out, const char *text)
{
	km_export_utf8(&out->message, km_str_from(text));
	put_message(out, PROFILE_STRING);
}

static void put_strings(writer *out)
{
	const km_timeline *timeline = &out->job->timeline;

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		put_string(out, strings[i]);
	for (uint32_t i = 0; i < timeline->function_count; i++) {
		put_string(out, timeline->functions[i].name);
		put_string(out, timeline->functions[i].file);
	}
}

static void put_facts(writer *out)
{
	km_buffer *plain = &out->plain;

	put_number(plain, PROFILE_TIME,
		   km_export_nanoseconds(out->job->prof->recording.facts.started));
	put_number(plain, PROFILE_DURATION, out->job->timeline.duration);
	put_number(plain, PROFILE_DEFAULT_SAMPLE_TYPE, WALL);
	if (out->job->notes.from_rows)
		put_number(plain, PROFILE_COMMENT, REMARK);
}

static void put_profile(writer *out)
{
	put_value_type(out, CALLS, COUNT);
	put_value_type(out, WALL, NANOSECONDS);
	put_samples(out);
	put_folded(out);
	put_functions(out);
	put_strings(out);
	put_facts(out);
	drain(out, 0);
}

int km_export_pprof(km_export *job)
{
	writer *out = calloc(1, sizeof *out);
	int fd = dup(job->out.fd), result = Z_MEM_ERROR;

	if (fd < 0)
		result = Z_ERRNO;
	else if (out && (out->gzip = gzdopen(fd, "wb1"))) {
		out->job = job;
		put_profile(out);
		km_buffer_finish(&out->plain);
		km_buffer_finish(&out->message);
		km_buffer_finish(&out->part);
		result = gzclose(out->gzip);
	} else
		close(fd);
	if (!job->out.error)
		job->out.error = gzip_error(result);
	free(out);
	return 0;
}
