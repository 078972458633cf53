#include "profiler/report/pstats_text.h"

#include "profiler/report/partners.h"
#include "profiler/report/selection.h"

#include <locale.h>
#include <stdio.h>

/* The decimal point is a point, whatever locale the program has set. */
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

/* Right-aligned as pstats' ncalls: "5/1" when calls and primitive calls differ. */
static void append_calls(km_buffer *out, const km_stats_numbers *numbers, int width)
{
	char text[48];

	if (numbers->calls == numbers->primitive_calls)
		snprintf(text, sizeof text, "%llu", (unsigned long long)numbers->calls);
	else
		snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)numbers->calls,
			 (unsigned long long)numbers->primitive_calls);
	km_buffer_printf(out, "%*s", width, text);
}

static void append_percall(km_buffer *out, double seconds, uint64_t calls)
{
	if (calls)
		km_buffer_printf(out, " %8.3f", seconds / (double)calls);
	else
		km_buffer_fill(out, ' ', 9);
}

static void append_row(km_buffer *out, const km_stats *stats, uint32_t row)
{
	const km_stats_numbers *numbers = &stats->rows[row].numbers;

	append_calls(out, numbers, 9);
	km_buffer_printf(out, " %8.3f", numbers->tottime);
	append_percall(out, numbers->tottime, numbers->calls);
	km_buffer_printf(out, " %8.3f", numbers->cumtime);
	append_percall(out, numbers->cumtime, numbers->primitive_calls);
	km_buffer_char(out, ' ');
	km_buffer_append(out, stats->labels[row].ptr, stats->labels[row].len);
	km_buffer_char(out, '\n');
}

static void append_totals(km_buffer *out, const km_stats *stats)
{
	unsigned long long calls = 0, primitive_calls = 0;
	double seconds = 0;

	for (uint32_t i = 0; i < stats->row_count; i++) {
		calls += stats->rows[i].numbers.calls;
		primitive_calls += stats->rows[i].numbers.primitive_calls;
		seconds += stats->rows[i].numbers.tottime;
	}
	km_buffer_printf(out, "         %llu function calls ", calls);
	if (calls != primitive_calls)
		km_buffer_printf(out, "(%llu primitive calls) ", primitive_calls);
	km_buffer_printf(out, "in %.3f seconds\n\n", seconds);
}

static void append_header(km_buffer *out, const km_selection *selection)
{
	km_buffer_append(out, selection->header.data, selection->header.len);
	km_buffer_char(out, '\n');
}

int km_pstats_print_stats(km_buffer *out, const km_stats *stats,
			  const km_restrictions *restrictions)
{
	km_selection selection;
	locale_t before = enter_c_locale();
	int result = km_selection_init(&selection, stats, restrictions);

	if (!result) {
		append_totals(out, stats);
		if (selection.count) {
			append_header(out, &selection);
			km_buffer_text(out, "   ncalls  tottime  percall  cumtime  percall "
					    "filename:lineno(function)\n");
			for (uint32_t i = 0; i < selection.count; i++)
				append_row(out, stats, selection.rows[i]);
			km_buffer_text(out, "\n\n");
		}
	}
	km_selection_finish(&selection);
	leave_c_locale(before);
	return result || out->failed ? KM_ENOMEM : 0;
}

static void append_label(km_buffer *out, const km_stats *stats, uint32_t row, long width)
{
	km_buffer_append(out, stats->labels[row].ptr, stats->labels[row].len);
	km_buffer_fill(out, ' ', width - (long)stats->label_size[row]);
}

static void append_partners(km_buffer *out, const km_stats *stats, const km_partners *partners,
			    uint32_t row, long width)
{
	uint32_t first = partners->first[row], end = partners->first[row + 1];

	if (first == end)
		km_buffer_char(out, '\n');
	for (uint32_t i = first; i < end; i++) {
		const km_partner *partner = &partners->partners[i];
		if (i > first)
			km_buffer_fill(out, ' ', width + 1);
		append_calls(out, partner->numbers, i > first ? 9 : 7);
		km_buffer_printf(out, " %8.3f %8.3f  ", partner->numbers->tottime,
				 partner->numbers->cumtime);
		append_label(out, stats, partner->function, 0);
		km_buffer_char(out, '\n');
	}
}

static void append_call_heading(km_buffer *out, const km_stats *stats, const char *title,
				long width)
{
	km_buffer_text(out, "Function ");
	km_buffer_fill(out, ' ', width - (long)strlen("Function "));
	km_buffer_printf(out, "%s\n", title);
	if (stats->caller_count) {
		km_buffer_fill(out, ' ', width);
		km_buffer_text(out, "    ncalls  tottime  cumtime\n");
	}
}

static int print_partners(km_buffer *out, const km_stats *stats,
			  const km_restrictions *restrictions, bool callees)
{
	km_selection selection;
	km_partners partners = {0};
	locale_t before = enter_c_locale();
	int result = km_selection_init(&selection, stats, restrictions);

	if (!result && selection.count)
		result = km_partners_init(&partners, stats, callees);
	if (!result && selection.count) {
		long width = (long)selection.widest + 2;
		append_header(out, &selection);
		append_call_heading(out, stats, callees ? "called..." : "was called by...", width);
		for (uint32_t i = 0; i < selection.count; i++) {
			append_label(out, stats, selection.rows[i], width);
			km_buffer_text(out, callees ? "-> " : "<- ");
			append_partners(out, stats, &partners, selection.rows[i], width);
		}
		km_buffer_text(out, "\n\n");
	}
	km_partners_finish(&partners);
	km_selection_finish(&selection);
	leave_c_locale(before);
	return result || out->failed ? KM_ENOMEM : 0;
}

int km_pstats_print_callers(km_buffer *out, const km_stats *stats,
			    const km_restrictions *restrictions)
{
	return print_partners(out, stats, restrictions, false);
}

int km_pstats_print_callees(km_buffer *out, const km_stats *stats,
			    const km_restrictions *restrictions)
{
	return print_partners(out, stats, restrictions, true);
}
