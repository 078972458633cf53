#include "profiler/diff/diff_text.h"

#include "profiler/report/function_text.h"
#include "framework/base/decimal.h"

#include <math.h>
#include <stdlib.h>

enum { SHOWN_CALLS = 6, PENDING_SIZE = 1 << 16, PERCENT_WIDTH = 9 };

/* "4,194,303" */
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

static void put_percent(km_buffer *out, double before, double after)
{
	double percent = before != 0 ? 100 * (after - before) / fabs(before) : 0;
	char text[32] = "-";

	if (before != 0)
		snprintf(text, sizeof text, fabs(percent) < 1e6 ? "%+.1f%%" : "%+.0e%%", percent);
	km_buffer_printf(out, "%*s", PERCENT_WIDTH, text);
}

static void put_change(km_buffer *out, double before, double after)
{
	if (before != 0)
		km_buffer_printf(out, " (%+.1f%%)", 100 * (after - before) / before);
}

static int write_out(FILE *stream, km_buffer *text)
{
	bool failed = text->failed;

	if (text->len)
		fwrite(text->data, 1, text->len, stream);
	km_buffer_clear(text);
	return failed ? KM_ENOMEM : ferror(stream) ? KM_EIO : 0;
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
	int result = write_out(stream, &text);
	km_buffer_finish(&text);
	return result;
}

static void put_state(km_buffer *out, const km_diff_item *item, double before, double after)
{
	if (item->in_before && item->in_after)
		put_percent(out, before, after);
	else
		km_buffer_printf(out, "%*s", PERCENT_WIDTH, item->in_after ? "new" : "gone");
}

static void put_calls(km_buffer *out, const km_diff_item *item)
{
	uint64_t before = item->before.calls, after = item->after.calls;
	char change[KM_DECIMAL_SIZE + 2] = "+";

	change[0] = before > after ? '-' : '+';
	size_t len = km_decimal(change + 1, before > after ? before - after : after - before);
	change[1 + len] = '\0';
	km_buffer_printf(out, "%11llu %11llu %11s", (unsigned long long)before,
			 (unsigned long long)after, before == after ? "0" : change);
	put_state(out, item, (double)before, (double)after);
}

static void put_seconds(km_buffer *out, const km_diff_item *item, double before, double after)
{
	km_buffer_printf(out, "  %9.6f %9.6f %+9.6f", before, after, after - before);
	put_state(out, item, before, after);
}

/* "... > outer > inner (/srv/main.c:7)" */
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

	put_calls(out, item);
	put_seconds(out, item, item->before.tottime, item->after.tottime);
	put_seconds(out, item, item->before.cumtime, item->after.cumtime);
	km_buffer_text(out, "  ");
	if (item->label.ptr)
		km_plain_append(out, item->label.ptr, 0);
	else
		put_path(out, items, index);
	km_buffer_char(out, '\n');
}

static void put_head(km_buffer *out, bool paths)
{
	km_buffer_printf(out, "%11s%44s%40s\n", "calls", "tottime", "cumtime");
	km_buffer_printf(out, "%11s %11s %11s%9s", "before", "after", "change", "%");
	for (int i = 0; i < 2; i++)
		km_buffer_printf(out, "  %9s %9s %9s%9s", "before", "after", "change", "%");
	km_buffer_printf(out, "  %s\n", paths ? "path" : "filename:lineno(function)");
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

	put_head(text, options->paths);
	for (uint32_t i = 0; i < shown && !result; i++) {
		put_item(text, items, order[i]);
		if (text->len >= PENDING_SIZE)
			result = write_out(stream, text);
	}
	if (shown < count)
		km_buffer_printf(text, "\n%u more %s changed.\n", count - shown,
				 noun(options->paths, count - shown));
	if (count < items->count)
		km_buffer_printf(text, "\n%u %s did not change.\n", items->count - count,
				 noun(options->paths, items->count - count));
	return result ? result : write_out(stream, text);
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
