/* The comparison of two profiles. */
#include "profiler/diff/diff_text.h"
#include "profiler/diff/match.h"
#include "profiler/viewer/responses.h"

#include <stdlib.h>

/* One of the two profiles. */
struct side {
	const km_prof *prof;
	km_viewer_functions functions;
	const uint32_t *number; /* by row: its item of the comparison; NULL: the same */
	uint32_t first_other;	/* number in the response of the first function without a row */
};

struct compare {
	km_json_writer json;
	const km_diff *diff;
	uint32_t *number; /* of `before` */
	struct side before, after;
	km_function *functions; /* of the response: items, then functions without a row */
	uint32_t count;
};

static uint32_t number_of(const struct compare *compare, const km_diff_item *path)
{
	const struct side *side = path->in_after ? &compare->after : &compare->before;
	const km_tree *tree = side->prof->recording.tree;
	uint32_t index = side->functions.of_tree[path->function - tree->functions];
	uint32_t rows = side->prof->stats->row_count;

	if (index >= rows)
		return side->first_other + index - rows;
	return side->number ? side->number[index] : index;
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

static void put_nodes(struct compare *compare)
{
	const km_diff_items *paths = &compare->diff->paths;
	km_json_writer *json = &compare->json;

	km_json_key(json, "nodes");
	km_json_object(json);
	km_json_key(json, "function");
	km_json_array(json);
	for (uint32_t i = 0; i < paths->count; i++)
		km_json_unsigned(json, number_of(compare, &paths->items[i]));
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

static int side_init(struct compare *compare, struct side *side)
{
	const km_function_set *set = &side->functions.set;
	const km_prof *prof = side->prof;
	int result = km_viewer_functions_init(&side->functions, prof);
	size_t most = (size_t)compare->count + set->count;
	km_function *more = realloc(compare->functions, (most + 1) * sizeof *more);

	if (!more)
		return KM_ENOMEM;
	compare->functions = more;
	side->first_other = compare->count;
	for (uint32_t i = prof->stats->row_count; prof->recording.tree && i < set->count; i++)
		more[compare->count++] = set->functions[i];
	return result;
}

static int compare_init(struct compare *compare)
{
	const km_stats *before = compare->before.prof->stats, *after = compare->after.prof->stats;
	const km_diff_items *items = &compare->diff->functions;

	compare->number = malloc((before->row_count + 1u) * sizeof *compare->number);
	compare->before.number = compare->number;
	compare->functions = malloc((items->count + 1u) * sizeof *compare->functions);
	if (!compare->number || !compare->functions ||
	    km_diff_match(compare->number, &compare->count, before->functions, before->row_count,
			  after->functions, after->row_count, false))
		return KM_ENOMEM;
	for (uint32_t i = 0; i < items->count; i++)
		compare->functions[i] = *items->items[i].function;
	int result = side_init(compare, &compare->before);
	return result ? result : side_init(compare, &compare->after);
}

static int put_compare(struct compare *compare, const char *const ids[2])
{
	const km_prof *before = compare->before.prof, *after = compare->after.prof;
	bool requests = before->recording.facts.method && after->recording.facts.method;
	km_json_writer *json = &compare->json;

	km_json_object(json);
	put_facts(json, "before", ids[0], before);
	put_facts(json, "after", ids[1], after);
	int result = put_sentence(json, compare->diff, requests);
	put_rows(compare);
	put_nodes(compare);
	if (!result)
		result = km_viewer_put_functions(json, compare->functions, compare->count);
	km_json_object_end(json);
	return result;
}

int km_viewer_put_compare(km_buffer *out, const char *const ids[2], const km_prof *const profs[2])
{
	struct compare compare = {
		.json = {.out = out}, .before = {.prof = profs[0]}, .after = {.prof = profs[1]}};
	km_diff *diff;
	int result = km_diff_new(&diff, profs[0], profs[1], false);

	if (result)
		return result;
	compare.diff = diff;
	result = compare_init(&compare);
	if (!result)
		result = put_compare(&compare, ids);
	km_viewer_functions_finish(&compare.before.functions);
	km_viewer_functions_finish(&compare.after.functions);
	free(compare.number);
	free(compare.functions);
	km_diff_free(diff);
	return result;
}
