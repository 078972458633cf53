/* Comma-separated values (RFC 4180), a record for each function. */
#include "profiler/export/job.h"
#include "profiler/report/columns.h"

typedef struct record {
	const km_function *function;
	const km_stats_numbers *numbers;
} record;

/* Puts any text: in quotes, with quotes doubled. */
static void put_text(km_buffer *out, const char *text)
{
	km_buffer_char(out, '"');
	for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
		km_export_utf8(out, (km_str){text, (size_t)(quote - text)});
		km_buffer_text(out, "\"\"");
	}
	km_export_utf8(out, km_str_from(text));
	km_buffer_char(out, '"');
}

#define COLUMN(name, put, value)                                                                   \
	static void put_##name(km_buffer *out, int width, const void *row)                         \
	{                                                                                          \
		(void)width;                                                                       \
		put(out, ((const record *)row)->value);                                            \
	}
COLUMN(file, put_text, function->file)
COLUMN(line, km_decimal_append_signed, function->line)
COLUMN(name, put_text, function->name)
COLUMN(calls, km_decimal_append, numbers->calls)
COLUMN(primitive_calls, km_decimal_append, numbers->primitive_calls)
COLUMN(tottime, km_decimal_append_double, numbers->tottime)
COLUMN(cumtime, km_decimal_append_double, numbers->cumtime)

static const km_column columns[] = {
	{"", "file", 0, put_file},
	{",", "line", 0, put_line},
	{",", "name", 0, put_name},
	{",", "calls", 0, put_calls},
	{",", "primitive_calls", 0, put_primitive_calls},
	{",", "tottime", 0, put_tottime},
	{",", "cumtime", 0, put_cumtime},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

int km_export_csv(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_buffer *out = &job->out.text;

	km_columns_put_headings(out, columns, COLUMN_COUNT);
	km_buffer_text(out, "\r\n");
	for (uint32_t i = 0; i < stats->row_count && !job->out.error; i++) {
		const record row = {&stats->functions[i], &stats->rows[i].numbers};
		km_columns_put_row(out, columns, COLUMN_COUNT, &row);
		km_buffer_text(out, "\r\n");
		km_export_out_drain(&job->out);
	}
	return 0;
}
