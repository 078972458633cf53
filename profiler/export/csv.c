/* Comma-separated values (RFC 4180), a record for each function. */
#include "profiler/export/job.h"
#include "profiler/report/columns.h"

typedef struct record {
	km_function function;
	km_stats_numbers numbers;
} record;

/* Puts any text: in quotes, with quotes doubled. */
static void put_text(km_buffer *out, const km_column *column, const void *row)
{
	const char *text = *(const char *const *)((const char *)row + column->offset);

	km_buffer_char(out, '"');
	for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
		km_export_utf8(out, (km_str){text, (size_t)(quote - text)});
		km_buffer_text(out, "\"\"");
	}
	km_export_utf8(out, km_str_from(text));
	km_buffer_char(out, '"');
}

static void put_line(km_buffer *out, const km_column *column, const void *row)
{
	(void)column;
	km_decimal_append_signed(out, ((const record *)row)->function.line);
}

static void put_double(km_buffer *out, const km_column *column, const void *row)
{
	km_decimal_append_double(out, km_column_double(column, row));
}

static const km_column columns[] = {
	{"", "file", 0, put_text, offsetof(record, function.file)},
	{",", "line", 0, put_line, 0},
	{",", "name", 0, put_text, offsetof(record, function.name)},
	{",", "calls", 0, km_column_put_count, offsetof(record, numbers.calls)},
	{",", "primitive_calls", 0, km_column_put_count, offsetof(record, numbers.primitive_calls)},
	{",", "tottime", 0, put_double, offsetof(record, numbers.tottime)},
	{",", "cumtime", 0, put_double, offsetof(record, numbers.cumtime)},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

int km_export_csv(km_export *job)
{
	const km_stats *stats = job->prof->stats;
	km_buffer *out = &job->out.text;

	km_columns_put_headings(out, columns, COLUMN_COUNT);
	km_buffer_text(out, "\r\n");
	for (uint32_t i = 0; i < stats->row_count && !job->out.error; i++) {
		const record row = {stats->functions[i], stats->rows[i].numbers};
		km_columns_put_row(out, columns, COLUMN_COUNT, &row);
		km_buffer_text(out, "\r\n");
		km_export_out_drain(&job->out);
	}
	return 0;
}
