/* Comma-separated values (RFC 4180), a record for each function. */
#include "profiler/export/job.h"

/* In quotes, quotes doubled: whatever is in it. */
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

static void put_row(km_buffer *out, const km_function *function, const km_stats_numbers *numbers)
{
	put_text(out, function->file);
	km_buffer_char(out, ',');
	km_decimal_append_signed(out, function->line);
	km_buffer_char(out, ',');
	put_text(out, function->name);
	km_buffer_char(out, ',');
	km_decimal_append(out, numbers->calls);
	km_buffer_char(out, ',');
	km_decimal_append(out, numbers->primitive_calls);
	km_buffer_char(out, ',');
	km_decimal_append_double(out, numbers->tottime);
	km_buffer_char(out, ',');
	km_decimal_append_double(out, numbers->cumtime);
	km_buffer_text(out, "\r\n");
}

int km_export_csv(km_export *job)
{
	const km_stats *stats = job->prof->stats;

	km_buffer_text(&job->out.text, "file,line,name,calls,primitive_calls,tottime,cumtime\r\n");
	for (uint32_t i = 0; i < stats->row_count && !job->out.error; i++) {
		put_row(&job->out.text, &stats->functions[i], &stats->rows[i].numbers);
		km_export_out_drain(&job->out);
	}
	return 0;
}
