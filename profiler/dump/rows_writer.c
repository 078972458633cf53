#include "profiler/dump/rows_writer.h"

static void write_function(km_marshal_writer *out, const km_function *function)
{
	km_marshal_write_tuple(out, 3);
	km_marshal_write_text(out, function->file);
	km_marshal_write_int(out, function->line);
	km_marshal_write_text(out, function->name);
}

static void write_seconds(km_marshal_writer *out, const km_stats_numbers *numbers)
{
	km_marshal_write_float(out, numbers->tottime);
	km_marshal_write_float(out, numbers->cumtime);
}

static void write_caller(km_marshal_writer *out, const km_stats_caller *caller)
{
	if (caller->calls_only) {
		km_marshal_write_unsigned(out, caller->numbers.calls);
		return;
	}
	km_marshal_write_tuple(out, 4);
	km_marshal_write_unsigned(out, caller->numbers.calls);
	km_marshal_write_unsigned(out, caller->numbers.primitive_calls);
	write_seconds(out, &caller->numbers);
}

/* A row has its primitive calls first, a caller has them second. */
static void write_row(km_marshal_writer *out, const km_stats *stats, const km_stats_row *row)
{
	km_marshal_write_tuple(out, 5);
	km_marshal_write_unsigned(out, row->numbers.primitive_calls);
	km_marshal_write_unsigned(out, row->numbers.calls);
	write_seconds(out, &row->numbers);
	km_marshal_write_dict(out);
	for (uint32_t i = 0; i < row->caller_count; i++) {
		const km_stats_caller *caller = &stats->callers[row->first_caller + i];
		write_function(out, &stats->functions[caller->function]);
		write_caller(out, caller);
	}
	km_marshal_write_dict_end(out);
}

void km_rows_write(km_marshal_writer *out, const km_stats *stats)
{
	km_marshal_write_dict(out);
	for (uint32_t i = 0; i < stats->row_count && !out->error; i++) {
		write_function(out, &stats->functions[i]);
		write_row(out, stats, &stats->rows[i]);
	}
	km_marshal_write_dict_end(out);
}
