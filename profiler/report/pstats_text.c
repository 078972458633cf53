#include "profiler/report/pstats_text.h"

#include "profiler/report/columns.h"
#include "profiler/report/number_text.h"
#include "profiler/report/partners.h"
#include "profiler/report/selection.h"
#include "profiler/report/stream.h"

#include <errno.h>
#include <locale.h>

/* Makes the decimal point a point, in any locale of the program. */
static locale_t enter_c_locale(void)
{
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", NULL);

	return c_locale ? uselocale(c_locale) : NULL;
}

static void leave_c_locale(locale_t before)
{
	if (before)
		freelocale(uselocale(before));
}

/* Where a listing goes: to `out` alone, or through it to `stream`. */
typedef struct printer {
	km_buffer *out;
	FILE *stream; /* NULL: all stays in `out` */
	bool bold;
	int error;
	const km_stats *stats;
	km_selection selection;
} printer;

static void end_line(printer *to)
{
	km_buffer_char(to->out, '\n');
	if (to->stream && !to->error)
		to->error = km_stream_drain(to->stream, to->out, KM_STREAM_SIZE);
}

static void append_title(printer *to, const char *title)
{
	km_buffer_printf(to->out, to->bold ? "\33[1m%s\33[0m" : "%s", title);
	end_line(to);
}

static void put_ncalls(km_buffer *out, const km_column *column, const void *row)
{
	const km_stats_numbers *numbers = row;

	km_number_append_calls(out, numbers->calls, numbers->primitive_calls,
			       (size_t)column->width);
}

static void put_seconds(km_buffer *out, const km_column *column, const void *row)
{
	km_number_append_seconds(out, km_column_double(column, row));
}

/* Divides by the calls that add to the time: all of them, or the primitive ones. */
static void put_percall(km_buffer *out, const km_column *column, const void *row)
{
	const km_stats_numbers *numbers = row;
	bool own = column->offset == offsetof(km_stats_numbers, tottime);
	uint64_t calls = own ? numbers->calls : numbers->primitive_calls;

	if (calls)
		km_number_append_seconds(out, km_column_double(column, row) / (double)calls);
	else
		km_buffer_fill(out, ' ', column->width);
}

static const km_column columns[] = {
	{"", "ncalls", 9, put_ncalls, 0},
	{" ", "tottime", 8, put_seconds, offsetof(km_stats_numbers, tottime)},
	{" ", "percall", 8, put_percall, offsetof(km_stats_numbers, tottime)},
	{" ", "cumtime", 8, put_seconds, offsetof(km_stats_numbers, cumtime)},
	{" ", "percall", 8, put_percall, offsetof(km_stats_numbers, cumtime)},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

static void append_row(printer *to, uint32_t row)
{
	const km_str *label = &to->stats->labels[row];

	km_columns_put_row(to->out, columns, COLUMN_COUNT, &to->stats->rows[row].numbers);
	km_buffer_char(to->out, ' ');
	km_buffer_append(to->out, label->ptr, label->len);
	end_line(to);
}

/* Whether the function is the profiler itself, which calls the top level of a program. */
static bool is_profiler(const km_function *function)
{
	return function->line == 0 && strcmp(function->file, "jprofile") == 0 &&
	       strcmp(function->name, "profiler") == 0;
}

static void append_top_level(printer *to)
{
	const km_stats *stats = to->stats;
	uint32_t profiler = 0;

	while (profiler < stats->function_count && !is_profiler(&stats->functions[profiler]))
		profiler++;
	for (uint32_t i = 0; i < stats->row_count && profiler < stats->function_count; i++) {
		const km_stats_caller *caller = stats->callers + stats->rows[i].first_caller;
		const km_stats_caller *end = caller + stats->rows[i].caller_count;
		while (caller < end && caller->function != profiler)
			caller++;
		if (caller == end)
			continue;
		km_buffer_printf(to->out, "         %s", stats->functions[i].name);
		end_line(to);
	}
}

static void append_totals(printer *to)
{
	const km_stats_numbers *totals = &to->stats->totals;

	km_buffer_append(to->out, to->stats->files.data, to->stats->files.len);
	if (to->stats->files.len)
		end_line(to);
	append_top_level(to);
	km_buffer_printf(to->out, "         %llu function calls ",
			 (unsigned long long)totals->calls);
	if (totals->calls != totals->primitive_calls)
		km_buffer_printf(to->out, "(%llu primitive calls) ",
				 (unsigned long long)totals->primitive_calls);
	km_buffer_printf(to->out, "in %.3f seconds\n", totals->tottime);
	end_line(to);
}

static void append_header(printer *to)
{
	km_buffer_append(to->out, to->selection.header.data, to->selection.header.len);
	end_line(to);
}

static void print_rows(printer *to)
{
	append_header(to);
	km_buffer_text(to->out, to->bold ? "\33[1m" : "");
	km_columns_put_headings(to->out, columns, COLUMN_COUNT);
	km_buffer_text(to->out, " filename:lineno(function)");
	km_buffer_text(to->out, to->bold ? "\33[0m" : "");
	end_line(to);
	for (uint32_t i = 0; i < to->selection.count && !to->error; i++)
		append_row(to, to->selection.rows[i]);
	km_buffer_text(to->out, "\n\n");
}

static void append_label(printer *to, uint32_t function, long width)
{
	const km_str *label = &to->stats->labels[function];

	km_buffer_append(to->out, label->ptr, label->len);
	km_buffer_fill(to->out, ' ', width - (long)to->stats->label_size[function]);
}

/* Prints "name(calls) cumtime" for a pair without times; the time is that of all calls of the
 * partner. */
static void append_calls_only(printer *to, const km_partner *partner)
{
	append_label(to, partner->function, 0);
	km_buffer_printf(to->out, "(%llu) ", (unsigned long long)partner->pair->numbers.calls);
	if (partner->function < to->stats->row_count)
		km_number_append_seconds(to->out,
					 to->stats->rows[partner->function].numbers.cumtime);
}

static void append_partner(printer *to, const km_partner *partner, bool first, long width)
{
	const km_stats_numbers *numbers = &partner->pair->numbers;

	if (!first)
		km_buffer_fill(to->out, ' ', width + (partner->pair->calls_only ? 3 : 1));
	if (partner->pair->calls_only) {
		append_calls_only(to, partner);
	} else {
		km_number_append_calls(to->out, numbers->calls, numbers->primitive_calls,
				       first ? 7 : 9);
		km_buffer_char(to->out, ' ');
		km_number_append_seconds(to->out, numbers->tottime);
		km_buffer_char(to->out, ' ');
		km_number_append_seconds(to->out, numbers->cumtime);
		km_buffer_text(to->out, "  ");
		append_label(to, partner->function, 0);
	}
	end_line(to);
}

static void append_partners(printer *to, const km_partners *partners, uint32_t row, long width)
{
	uint32_t first = partners->first[row], end = partners->first[row + 1];

	if (first == end)
		end_line(to);
	for (uint32_t i = first; i < end && !to->error; i++)
		append_partner(to, &partners->partners[i], i == first, width);
}

/* Whether the first pair has times; pstats assumes the same of the others. */
static bool pairs_have_times(const km_stats *stats)
{
	for (uint32_t i = 0; i < stats->row_count; i++) {
		if (stats->rows[i].caller_count)
			return !stats->callers[stats->rows[i].first_caller].calls_only;
	}
	return false;
}

static void append_call_heading(printer *to, const char *title, long width)
{
	km_buffer_text(to->out, to->bold ? "\33[1mFunction " : "Function ");
	km_buffer_fill(to->out, ' ', width - (long)strlen("Function "));
	km_buffer_printf(to->out, to->bold ? "%s\33[0m" : "%s", title);
	end_line(to);
	if (pairs_have_times(to->stats)) {
		km_buffer_fill(to->out, ' ', width);
		append_title(to, "    ncalls  tottime  cumtime");
	}
}

static int print_partners(printer *to, bool callees)
{
	km_partners partners = {0};
	long width = (long)to->selection.widest + 2;

	if (km_partners_init(&partners, to->stats, callees)) {
		km_partners_finish(&partners);
		return KM_ENOMEM;
	}
	append_header(to);
	append_call_heading(to, callees ? "called..." : "was called by...", width);
	for (uint32_t i = 0; i < to->selection.count && !to->error; i++) {
		append_label(to, to->selection.rows[i], width);
		km_buffer_text(to->out, callees ? "-> " : "<- ");
		append_partners(to, &partners, to->selection.rows[i], width);
	}
	km_buffer_text(to->out, "\n\n");
	km_partners_finish(&partners);
	return 0;
}

static int print(printer *to, km_pstats_listing listing, const km_restrictions *restrictions)
{
	locale_t before = enter_c_locale();
	int result = km_selection_init(&to->selection, to->stats, restrictions);

	if (!result && listing == KM_PSTATS_STATS)
		append_totals(to);
	if (!result && to->selection.count && listing == KM_PSTATS_STATS)
		print_rows(to);
	else if (!result && to->selection.count)
		result = print_partners(to, listing == KM_PSTATS_CALLEES);
	km_selection_finish(&to->selection);
	leave_c_locale(before);
	if (!result && to->out->failed)
		result = KM_ENOMEM;
	if (!result && !to->error && to->stream)
		to->error = km_stream_drain(to->stream, to->out, 0);
	return result ? result : to->error;
}

int km_pstats_write(FILE *stream, km_pstats_listing listing, const km_stats *stats,
		    const km_restrictions *restrictions, bool bold)
{
	km_buffer buffer = {0};
	printer to = {.out = &buffer, .stream = stream, .bold = bold, .stats = stats};
	int result = print(&to, listing, restrictions), error = errno;

	km_buffer_finish(&buffer);
	errno = error;
	return result;
}

int km_pstats_append(km_buffer *out, km_pstats_listing listing, const km_stats *stats,
		     const km_restrictions *restrictions)
{
	return print(&(printer){.out = out, .stats = stats}, listing, restrictions);
}
