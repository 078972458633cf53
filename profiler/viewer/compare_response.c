/* The comparison of two profiles. */
#include "profiler/diff/diff_text.h"
#include "profiler/diff/match.h"
#include "profiler/stats/function_set.h"
#include "profiler/viewer/responses.h"

#include <stdlib.h>

/* The numbers that one profile's functions have in the response. Those of the rows come first. */
struct side {
	km_function_set set; /* functions of this profile */
	uint32_t *number;    /* by index in the set */
};

struct compare {
	km_json_writer json;
	const km_diff *diff;
	struct side before, after;
	km_function *functions; /* of the response */
	uint32_t count;
};

static uint32_t index_of(struct side *side, const km_function *function)
{
	return km_function_set_copy(&side->set, function->file, function->line, function->name);
}

/* `number` has the item of the comparison for each row; NULL: row i is item i. KM_ENOMEM. */
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

/* Returns KM_FUNCTION_NONE when memory ran out. */
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

/* --- parts of the response --- */

static void put_row_side(km_json_writer *json, const char *key, const km_stats_numbers *numbers,
			 bool there)
{
	km_json_key(json, key);
	if (!there) {
		km_json_null(json);
		return;
	}
	km_json_array(json);
	km_json_unsigned(json, numbers->calls);
	km_json_double(json, numbers->tottime);
	km_json_double(json, numbers->cumtime);
	km_json_array_end(json);
}

static void put_rows(struct compare *compare)
{
	const km_diff_items *functions = &compare->diff->functions;
	km_json_writer *json = &compare->json;

	km_json_key(json, "rows");
	km_json_array(json);
	for (uint32_t i = 0; i < functions->count; i++) {
		const km_diff_item *item = &functions->items[i];
		km_json_object(json);
		km_json_key_unsigned(json, "function", i);
		put_row_side(json, "before", &item->before, item->in_before);
		put_row_side(json, "after", &item->after, item->in_after);
		km_json_object_end(json);
	}
	km_json_array_end(json);
}

/* Calls or total times of all paths on one side; null where the side lacks the path. */
static void put_column(struct compare *compare, const char *key, bool after, bool calls)
{
	const km_diff_items *paths = &compare->diff->paths;
	km_json_writer *json = &compare->json;

	km_json_key(json, key);
	km_json_array(json);
	for (uint32_t i = 0; i < paths->count; i++) {
		const km_diff_item *item = &paths->items[i];
		const km_stats_numbers *numbers = after ? &item->after : &item->before;
		if (!(after ? item->in_after : item->in_before))
			km_json_null(json);
		else if (calls)
			km_json_unsigned(json, numbers->calls);
		else
			km_json_double(json, numbers->cumtime);
	}
	km_json_array_end(json);
}

static int put_nodes(struct compare *compare)
{
	const km_diff_items *paths = &compare->diff->paths;
	km_json_writer *json = &compare->json;

	km_json_key(json, "nodes");
	km_json_object(json);
	km_json_key(json, "function");
	km_json_array(json);
	for (uint32_t i = 0; i < paths->count; i++) {
		uint32_t number = number_of(compare, &paths->items[i]);
		if (number == KM_FUNCTION_NONE)
			return KM_ENOMEM;
		km_json_unsigned(json, number);
	}
	km_json_array_end(json);
	km_json_key(json, "parent");
	km_json_array(json);
	for (uint32_t i = 0; i < paths->count; i++)
		km_json_unsigned(json, paths->items[i].parent);
	km_json_array_end(json);
	put_column(compare, "before_calls", false, true);
	put_column(compare, "before_total", false, false);
	put_column(compare, "after_calls", true, true);
	put_column(compare, "after_total", true, false);
	km_json_object_end(json);
	return 0;
}

static int put_sentence(km_json_writer *json, const km_diff *diff, bool requests)
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
		km_json_key_text(json, "sentence", text);
	}
	free(text);
	return result ? KM_ENOMEM : 0;
}

static void put_facts(km_json_writer *json, const char *key, const char *id, const km_prof *prof)
{
	km_json_key(json, key);
	km_json_object(json);
	km_viewer_put_facts(json, id, &prof->recording.facts);
	km_json_object_end(json);
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
	km_json_writer *json = &compare->json;

	km_json_object(json);
	put_facts(json, "before", ids[0], profs[0]);
	put_facts(json, "after", ids[1], profs[1]);
	int result = put_sentence(json, compare->diff, requests);
	if (!result) {
		put_rows(compare);
		result = put_nodes(compare);
	}
	if (!result)
		result = km_viewer_put_functions(json, compare->functions, compare->count);
	km_json_object_end(json);
	return result;
}

int km_viewer_put_compare(km_buffer *out, const char *const ids[2], const km_prof *const profs[2])
{
	struct compare compare = {.json = {.out = out}};
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
