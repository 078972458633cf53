#include "profiler/diff/diff_text.h"

#include "framework/base/decimal.h"
#include "profiler/report/columns.h"
#include "profiler/report/function_text.h"
#include "profiler/report/stream.h"

#include <math.h>
#include <stdlib.h>

enum { SHOWN_CALLS = 6 };

/* Puts digits in groups: "4,194,303". */
static void put_grouped(km_buffer *out, uint64_t value)
{
	char digits[KM_DECIMAL_SIZE];
	size_t len = km_decimal(digits, value);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			km_buffer_char(out, ',');
		km_buffer_char(out, digits[i]);
	}
}

static void put_change(km_buffer *out, double before, double after)
{
	if (before != 0)
		km_buffer_printf(out, " (%+.1f%%)", 100 * (after - before) / before);
}

int km_diff_text_write_verdict(FILE *stream, const km_diff *diff, const char *what)
{
	const km_diff_item *item = km_diff_verdict(diff);
	int digits = diff->before.tottime < 0.01 || diff->after.tottime < 0.01 ? 6 : 3;
	km_buffer text = {0};

	if (item) {
		km_function_append_name(&text, item->function, 0);
		km_buffer_text(&text, ": ");
		put_grouped(&text, item->before.calls);
		km_buffer_text(&text, " -> ");
		put_grouped(&text, item->after.calls);
		km_buffer_text(&text, " calls");
		put_change(&text, (double)item->before.calls, (double)item->after.calls);
	} else {
		km_buffer_text(&text, "no number of calls changed");
	}
	km_buffer_printf(&text, "; %s %.*f s -> %.*f s", what, digits, diff->before.tottime, digits,
			 diff->after.tottime);
	put_change(&text, diff->before.tottime, diff->after.tottime);
	km_buffer_char(&text, '\n');
	int result = km_stream_drain(stream, &text, 0);
	km_buffer_finish(&text);
	return result;
}

/* The numbers of a row: an item has those of BEFORE and AFTER, and a column the offset of one of
 * BEFORE. */
enum { AFTER = offsetof(km_diff_item, after) - offsetof(km_diff_item, before) };

static void put_calls_change(km_buffer *out, const km_column *column, const void *row)
{
	uint64_t before = km_column_count(column, row);
	uint64_t after = km_column_count(column, (const char *)row + AFTER);
	char change[KM_DECIMAL_SIZE + 2];

	change[0] = before > after ? '-' : '+';
	size_t len = km_decimal(change + 1, before > after ? before - after : after - before);
	change[1 + len] = '\0';
	km_buffer_printf(out, "%*s", column->width, before == after ? "0" : change);
}

static void put_seconds_change(km_buffer *out, const km_column *column, const void *row)
{
	km_buffer_printf(out, "%+*.6f", column->width,
			 km_column_double(column, (const char *)row + AFTER) -
				 km_column_double(column, row));
}

/* Puts a change in percent of `before`, or which side alone has the item. */
static void put_percent(km_buffer *out, const km_column *column, const km_diff_item *item,
			double before, double after)
{
	double percent = before != 0 ? 100 * (after - before) / fabs(before) : 0;
	char text[32] = "-";

	if (!item->in_before || !item->in_after)
		snprintf(text, sizeof text, "%s", item->in_after ? "new" : "gone");
	else if (before != 0)
		snprintf(text, sizeof text, fabs(percent) < 1e6 ? "%+.1f%%" : "%+.0e%%", percent);
	km_buffer_printf(out, "%*s", column->width, text);
}

static void put_calls_percent(km_buffer *out, const km_column *column, const void *row)
{
	put_percent(out, column, row, (double)km_column_count(column, row),
		    (double)km_column_count(column, (const char *)row + AFTER));
}

static void put_seconds_percent(km_buffer *out, const km_column *column, const void *row)
{
	put_percent(out, column, row, km_column_double(column, row),
		    km_column_double(column, (const char *)row + AFTER));
}

#define OF(member) offsetof(km_diff_item, member)

static const km_column columns[] = {
	{"", "before", 11, km_column_put_count, OF(before.calls)},
	{" ", "after", 11, km_column_put_count, OF(after.calls)},
	{" ", "change", 11, put_calls_change, OF(before.calls)},
	{"", "%", 9, put_calls_percent, OF(before.calls)},
	{"  ", "before", 9, km_column_put_seconds, OF(before.tottime)},
	{" ", "after", 9, km_column_put_seconds, OF(after.tottime)},
	{" ", "change", 9, put_seconds_change, OF(before.tottime)},
	{"", "%", 9, put_seconds_percent, OF(before.tottime)},
	{"  ", "before", 9, km_column_put_seconds, OF(before.cumtime)},
	{" ", "after", 9, km_column_put_seconds, OF(after.cumtime)},
	{" ", "change", 9, put_seconds_change, OF(before.cumtime)},
	{"", "%", 9, put_seconds_percent, OF(before.cumtime)},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

/* Puts the last calls of a path: "... > outer > inner (/srv/main.c:7)". */
static void put_path(km_buffer *out, const km_diff_items *paths, uint32_t path)
{
	uint32_t callers[SHOWN_CALLS], count = 0;

	for (uint32_t at = path; at != 0 && count < SHOWN_CALLS; count++)
		callers[count] = at = paths->items[at].parent;
	if (count && callers[count - 1] != 0)
		km_buffer_text(out, "... > ");
	while (count-- > 0) {
		km_function_append_name(out, paths->items[callers[count]].function, 0);
		km_buffer_text(out, " > ");
	}
	km_function_append(out, paths->items[path].function, 0);
}

static void put_item(km_buffer *out, const km_diff_items *items, uint32_t index)
{
	const km_diff_item *item = &items->items[index];

	km_columns_put_row(out, columns, COLUMN_COUNT, item);
	km_buffer_text(out, "  ");
	if (item->label.ptr)
		km_plain_append(out, item->label.ptr, 0);
	else
		put_path(out, items, index);
	km_buffer_char(out, '\n');
}

static void put_headings(km_buffer *out, bool paths)
{
	km_buffer_printf(out, "%11s%44s%40s\n", "calls", "tottime", "cumtime");
	km_columns_put_headings(out, columns, COLUMN_COUNT);
	km_buffer_text(out, paths ? "  path\n" : "  filename:lineno(function)\n");
}

static const char *noun(bool paths, uint32_t count)
{
	if (paths)
		return count == 1 ? "path" : "paths";
	return count == 1 ? "function" : "functions";
}

static int put_items(FILE *stream, km_buffer *text, const km_diff_items *items,
		     const uint32_t *order, uint32_t count, const km_diff_text_options *options)
{
	uint32_t shown = count < options->limit ? count : options->limit;
	int result = 0;

	put_headings(text, options->paths);
	for (uint32_t i = 0; i < shown && !result; i++) {
		put_item(text, items, order[i]);
		result = km_stream_drain(stream, text, KM_STREAM_SIZE);
	}
	if (shown < count)
		km_buffer_printf(text, "\n%u more %s changed.\n", count - shown,
				 noun(options->paths, count - shown));
	if (count < items->count)
		km_buffer_printf(text, "\n%u %s did not change.\n", items->count - count,
				 noun(options->paths, items->count - count));
	return result ? result : km_stream_drain(stream, text, 0);
}

int km_diff_text_write(FILE *stream, const km_diff *diff, const km_diff_text_options *options)
{
	const km_diff_items *items = options->paths ? &diff->paths : &diff->functions;
	km_buffer text = {0};
	uint32_t *order, count;
	int result = km_diff_sort(&order, &count, items, options->sort);

	if (!result)
		result = put_items(stream, &text, items, order, count, options);
	free(order);
	km_buffer_finish(&text);
	return result;
}
