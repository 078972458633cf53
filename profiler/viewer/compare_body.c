/* Two profiles compared. */
#include "framework/base/json.h"
#include "profiler/diff/diff_text.h"
#include "profiler/diff/match.h"
#include "profiler/export/out.h"
#include "profiler/stats/function_set.h"
#include "profiler/viewer/bodies.h"

#include <stdlib.h>

/* The numbers of one profile's functions in the answer, which has those of the rows first. */
struct side {
	km_function_set set; /* functions of this profile */
	uint32_t *number;    /* by index in the set */
};

struct compare {
	km_buffer *out;
	const km_diff *diff;
	struct side before, after;
	km_function *functions; /* of the answer */
	uint32_t count;
};

static uint32_t index_of(struct side *side, const km_function *function)
{
	uint32_t file = km_function_set_text(&side->set, km_str_from(function->file));
	uint32_t name = km_function_set_text(&side->set, km_str_from(function->name));

	if (file == KM_FUNCTION_NONE || name == KM_FUNCTION_NONE)
		return KM_FUNCTION_NONE;
	return km_function_set_add(&side->set, file, function->line, name);
}

/* `number`: which items of the comparison the rows are; NULL: the first ones. */
static int side_init(struct side *side, const km_prof *prof, const uint32_t *number)
{
	const km_tree *tree = prof->recording.tree;
	uint32_t rows = prof->stats->row_count, most = rows + (tree ? tree->function_count : 0);

	km_function_set_init(&side->set);
	side->number = malloc((most + 1u) * sizeof *side->number);
	if (!side->number)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < most; i++)
		side->number[i] = KM_FUNCTION_NONE;
	for (uint32_t i = 0; i < rows; i++) {
		uint32_t index = index_of(side, &prof->stats->functions[i]);
		if (index == KM_FUNCTION_NONE)
			return KM_ENOMEM;
		side->number[index] = number ? number[i] : i;
	}
	return 0;
}

static void side_finish(struct side *side)
{
	km_function_set_finish(&side->set);
	free(side->number);
}

/* KM_FUNCTION_NONE when memory ran out. */
static uint32_t number_of(struct compare *compare, const km_diff_item *path)
{
	struct side *side = path->in_after ? &compare->after : &compare->before;
	uint32_t index = index_of(side, path->function);

	if (index == KM_FUNCTION_NONE)
		return KM_FUNCTION_NONE;
	if (side->number[index] == KM_FUNCTION_NONE) {
		compare->functions[compare->count] = *path->function;
		side->number[index] = compare->count++;
	}
	return side->number[index];
}

/* --- parts of the answer --- */

static void put_row_side(km_buffer *out, const char *name, const km_stats_numbers *numbers,
			 bool there)
{
	km_buffer_printf(out, ",\"%s\":", name);
	if (!there) {
		km_buffer_text(out, "null");
		return;
	}
	km_buffer_char(out, '[');
	km_export_number(out, numbers->calls);
	km_buffer_char(out, ',');
	km_export_float(out, numbers->tottime);
	km_buffer_char(out, ',');
	km_export_float(out, numbers->cumtime);
	km_buffer_char(out, ']');
}

static void put_rows(struct compare *compare)
{
	const km_diff_items *functions = &compare->diff->functions;
	km_buffer *out = compare->out;

	km_buffer_text(out, ",\"rows\":[");
	for (uint32_t i = 0; i < functions->count; i++) {
		const km_diff_item *item = &functions->items[i];
		km_buffer_printf(out, "%s{\"function\":%u", i ? "," : "", i);
		put_row_side(out, "before", &item->before, item->in_before);
		put_row_side(out, "after", &item->after, item->in_after);
		km_buffer_char(out, '}');
	}
	km_buffer_char(out, ']');
}

static void put_calls(km_buffer *out, const km_diff_item *item, bool after)
{
	if (after ? item->in_after : item->in_before)
		km_export_number(out, (after ? &item->after : &item->before)->calls);
	else
		km_buffer_text(out, "null");
}

static void put_total(km_buffer *out, const km_diff_item *item, bool after)
{
	if (after ? item->in_after : item->in_before)
		km_export_float(out, (after ? &item->after : &item->before)->cumtime);
	else
		km_buffer_text(out, "null");
}

static void put_column(struct compare *compare, const char *name,
		       void (*put)(km_buffer *out, const km_diff_item *item, bool after),
		       bool after)
{
	const km_diff_items *paths = &compare->diff->paths;

	km_buffer_printf(compare->out, "],\"%s_%s\":[", after ? "after" : "before", name);
	for (uint32_t i = 0; i < paths->count; i++) {
		km_buffer_text(compare->out, i ? "," : "");
		put(compare->out, &paths->items[i], after);
	}
}

static int put_nodes(struct compare *compare)
{
	const km_diff_items *paths = &compare->diff->paths;
	km_buffer *out = compare->out;

	km_buffer_text(out, ",\"nodes\":{\"function\":[");
	for (uint32_t i = 0; i < paths->count; i++) {
		uint32_t number = number_of(compare, &paths->items[i]);
		if (number == KM_FUNCTION_NONE)
			return KM_ENOMEM;
		km_buffer_text(out, i ? "," : "");
		km_export_number(out, number);
	}
	km_buffer_text(out, "],\"parent\":[");
	for (uint32_t i = 0; i < paths->count; i++) {
		km_buffer_text(out, i ? "," : "");
		km_export_number(out, paths->items[i].parent);
	}
	put_column(compare, "calls", put_calls, false);
	put_column(compare, "total", put_total, false);
	put_column(compare, "calls", put_calls, true);
	put_column(compare, "total", put_total, true);
	km_buffer_text(out, "]}");
	return 0;
}

static int put_sentence(km_buffer *out, const km_diff *diff, bool requests)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int result = KM_ENOMEM;

	if (stream) {
		result = km_diff_text_write_verdict(stream, diff, requests ? "request" : "total");
		result = fclose(stream) ? KM_ENOMEM : result;
	}
	if (!result) {
		text[strcspn(text, "\n")] = '\0';
		km_viewer_put_text(out, "sentence", text);
	}
	free(text);
	return result ? KM_ENOMEM : 0;
}

static void put_facts(km_buffer *out, const char *name, const char *id, const km_prof *prof)
{
	km_buffer_printf(out, "\"%s\":{", name);
	km_viewer_put_facts(out, id, &prof->recording.facts);
	km_buffer_char(out, '}');
}

/* --- */

static int compare_init(struct compare *compare, const km_prof *const profs[2])
{
	const km_stats *before = profs[0]->stats, *after = profs[1]->stats;
	const km_diff_items *items = &compare->diff->functions;
	uint32_t *number = malloc((before->row_count + 1u) * sizeof *number), count;
	int result = number ? 0 : KM_ENOMEM;

	if (!result)
		result = km_diff_match(number, &count, before->functions, before->row_count,
				       after->functions, after->row_count, false);
	if (!result)
		result = side_init(&compare->before, profs[0], number);
	if (!result)
		result = side_init(&compare->after, profs[1], NULL);
	free(number);
	size_t most = (size_t)items->count;
	for (int i = 0; i < 2; i++)
		most += profs[i]->recording.tree ? profs[i]->recording.tree->function_count : 0;
	compare->functions = malloc((most + 1) * sizeof *compare->functions);
	if (result || !compare->functions)
		return KM_ENOMEM;
	for (compare->count = 0; compare->count < items->count; compare->count++)
		compare->functions[compare->count] = *items->items[compare->count].function;
	return 0;
}

static int put_compare(struct compare *compare, const char *const ids[2],
		       const km_prof *const profs[2])
{
	bool requests = profs[0]->recording.facts.method && profs[1]->recording.facts.method;
	km_buffer *out = compare->out;

	km_buffer_char(out, '{');
	put_facts(out, "before", ids[0], profs[0]);
	km_buffer_char(out, ',');
	put_facts(out, "after", ids[1], profs[1]);
	int result = put_sentence(out, compare->diff, requests);
	if (!result) {
		put_rows(compare);
		result = put_nodes(compare);
	}
	if (!result)
		result = km_viewer_put_functions(out, compare->functions, compare->count);
	km_buffer_char(out, '}');
	return result;
}

int km_viewer_put_compare(km_buffer *out, const char *const ids[2], const km_prof *const profs[2])
{
	struct compare compare = {.out = out};
	km_diff *diff;
	int result = km_diff_new(&diff, profs[0], profs[1], false);

	if (result)
		return result;
	compare.diff = diff;
	result = compare_init(&compare, profs);
	if (!result)
		result = put_compare(&compare, ids, profs);
	side_finish(&compare.before);
	side_finish(&compare.after);
	free(compare.functions);
	km_diff_free(diff);
	return result;
}
