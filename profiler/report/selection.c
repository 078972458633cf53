#include "profiler/report/selection.h"

#include "framework/base/repr.h"
#include "profiler/stats/restrictions.h"

#include <stdio.h>
#include <stdlib.h>

/* Appends repr() of a float in [0, 1): the shortest text that reads back as the same number. */
static void append_fraction(km_buffer *out, double fraction)
{
	char text[32];
	int digits = 0;

	do {
		snprintf(text, sizeof text, "%.*g", ++digits, fraction);
	} while (digits < 17 && strtod(text, NULL) != fraction);
	km_buffer_text(out, text);
	if (!strpbrk(text, ".e"))
		km_buffer_text(out, ".0");
}

static void append_restriction(km_buffer *out, const km_restriction *restriction)
{
	switch (restriction->kind) {
	case KM_RESTRICT_COUNT:
		km_buffer_printf(out, "%llu", (unsigned long long)restriction->count);
		break;
	case KM_RESTRICT_FRACTION:
		append_fraction(out, restriction->fraction);
		break;
	case KM_RESTRICT_REGEX:
		km_repr(out, restriction->text);
		break;
	}
}

static uint32_t keep_matching(km_selection *selection, const km_stats *stats,
			      const km_python_regex *regex)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < selection->count; i++) {
		uint32_t row = selection->rows[i];
		if (km_python_regex_search(regex, stats->labels[row]))
			selection->rows[kept++] = row;
	}
	return kept;
}

/* Returns the number of rows that remain. */
static uint32_t restricted_count(km_selection *selection, const km_stats *stats,
				 const km_restriction *restriction)
{
	uint32_t count = selection->count;

	switch (restriction->kind) {
	case KM_RESTRICT_COUNT:
		if (restriction->count < count && (!restriction->negative || !restriction->count))
			return (uint32_t)restriction->count;
		break;
	case KM_RESTRICT_FRACTION:
		if (restriction->fraction >= 0 && restriction->fraction < 1)
			return (uint32_t)(count * restriction->fraction + .5);
		break;
	case KM_RESTRICT_REGEX:
		return keep_matching(selection, stats, restriction->regex);
	}
	return count;
}

static void restrict_rows(km_selection *selection, const km_stats *stats,
			  const km_restriction *restriction)
{
	uint32_t before = selection->count;

	if (restriction->kind == KM_RESTRICT_REGEX && !restriction->regex) {
		km_buffer_text(&selection->header, "   <Invalid regular expression ");
		append_restriction(&selection->header, restriction);
		km_buffer_text(&selection->header, ">\n");
		return;
	}
	selection->count = restricted_count(selection, stats, restriction);
	if (selection->count == before)
		return;
	km_buffer_printf(&selection->header, "   List reduced from %u to %u due to restriction <",
			 before, selection->count);
	append_restriction(&selection->header, restriction);
	km_buffer_text(&selection->header, ">\n");
}

int km_selection_init(km_selection *selection, const km_stats *stats,
		      const km_restrictions *restrictions)
{
	*selection = (km_selection){.count = stats->row_count};
	selection->rows = malloc((stats->row_count + 1u) * sizeof *selection->rows);
	if (!selection->rows)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < stats->row_count; i++)
		selection->rows[i] = stats->order ? stats->order[i] : i;
	if (stats->order)
		km_buffer_printf(&selection->header, "   Ordered by: %s\n", stats->order_text);
	else
		km_buffer_text(&selection->header, "   Random listing order was used\n");
	for (size_t i = 0; restrictions && i < restrictions->count; i++)
		restrict_rows(selection, stats, &restrictions->items[i]);
	for (uint32_t i = 0; i < selection->count; i++) {
		uint32_t size = stats->label_size[selection->rows[i]];
		if (size > selection->widest)
			selection->widest = size;
	}
	return selection->header.failed ? KM_ENOMEM : 0;
}

void km_selection_finish(km_selection *selection)
{
	free(selection->rows);
	km_buffer_finish(&selection->header);
}
