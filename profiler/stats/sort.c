/* pstats' sort_stats: keys, their unique prefixes, and the comparison. */
#include "profiler/stats/stats.h"

#include "profiler/stats/text.h"

#include <stdio.h>
#include <stdlib.h>

typedef enum field { PCALLS, CALLS, TIME, CUMULATIVE, FILENAME, LINE, NAME, STDNAME } field;

typedef struct sort_key {
	const char *word, *text;
	field fields[3];
	int field_count;
} sort_key;

/* In pstats' order, which decides the unique prefixes. */
static const sort_key sort_keys[] = {
	{"calls", "call count", {CALLS}, 1},
	{"ncalls", "call count", {CALLS}, 1},
	{"cumtime", "cumulative time", {CUMULATIVE}, 1},
	{"cumulative", "cumulative time", {CUMULATIVE}, 1},
	{"filename", "file name", {FILENAME}, 1},
	{"line", "line number", {LINE}, 1},
	{"module", "file name", {FILENAME}, 1},
	{"name", "function name", {NAME}, 1},
	{"nfl", "name/file/line", {NAME, FILENAME, LINE}, 3},
	{"pcalls", "primitive call count", {PCALLS}, 1},
	{"stdname", "standard name", {STDNAME}, 1},
	{"time", "internal time", {TIME}, 1},
	{"tottime", "internal time", {TIME}, 1},
};
enum { KEY_COUNT = sizeof sort_keys / sizeof *sort_keys };

const char *km_stats_sort_key(size_t index, const char **text)
{
	if (index >= KEY_COUNT)
		return NULL;
	*text = sort_keys[index].text;
	return sort_keys[index].word;
}

static size_t common_prefix(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] && a[len] == b[len])
		len++;
	return len;
}

/* Returns the length of the longest prefix that `word` shares with an earlier word. pstats drops
 * that prefix and keeps shorter ones for the earlier word: "cu" is cumtime, "cum" is refused. */
static size_t collision(int word)
{
	size_t longest = 0;

	for (int i = 0; i < word; i++) {
		size_t len = common_prefix(sort_keys[i].word, sort_keys[word].word);
		if (len > longest)
			longest = len;
	}
	return longest;
}

static const sort_key *find_key(km_str text)
{
	const sort_key *found = NULL;

	for (int i = 0; i < KEY_COUNT; i++) {
		if (text.len == 0 || strncmp(sort_keys[i].word, text.ptr, text.len) != 0)
			continue;
		if (collision(i) == text.len)
			return NULL;
		if (!found)
			found = &sort_keys[i];
	}
	return found;
}

/* Returns the next key, without blanks around it, and moves `keys` behind it. */
static km_str next_word(const char **keys)
{
	const char *start = *keys + strspn(*keys, " ");
	size_t len = strcspn(start, ",");

	*keys = start + len + (start[len] == ',');
	while (len > 0 && start[len - 1] == ' ')
		len--;
	return (km_str){start, len};
}

static void refuse_key(km_str word, char *error, size_t error_size)
{
	if (!error || error_size == 0)
		return;
	int used = snprintf(error, error_size, "bad sort key '%.*s'; allowed, or a unique prefix:",
			    (int)(word.len < 64 ? word.len : 64), word.ptr);
	for (int i = 0; i < KEY_COUNT && used >= 0 && (size_t)used < error_size; i++)
		used += snprintf(error + used, error_size - (size_t)used, "%s %s", i ? "," : "",
				 sort_keys[i].word);
}

/* A trailing comma is an empty key, which is refused. */
int km_stats_check_sort(const char *keys, char *error, size_t error_size)
{
	if (!keys || !*keys)
		return 0;
	for (const char *at = keys; at == keys || *at || at[-1] == ',';) {
		km_str word = next_word(&at);
		if (!find_key(word)) {
			refuse_key(word, error, error_size);
			return KM_EINVAL;
		}
	}
	return 0;
}

/* Fields to compare in turn, and their description for the listing. */
typedef struct sort_plan {
	const km_stats *stats;
	field *fields;
	size_t field_count;
	char *text;
} sort_plan;

static int plan_init(sort_plan *plan, const km_stats *stats, const char *keys)
{
	size_t words = 1, used = 0;

	for (const char *at = keys; *at; at++)
		words += *at == ',';
	size_t room = words * sizeof "primitive call count, ";
	*plan = (sort_plan){.stats = stats};
	plan->fields = malloc(words * 3 * sizeof *plan->fields);
	plan->text = malloc(room);
	if (!plan->fields || !plan->text) {
		free(plan->fields);
		free(plan->text);
		return KM_ENOMEM;
	}
	for (const char *at = keys; *at;) {
		const sort_key *key = find_key(next_word(&at));
		for (int i = 0; i < key->field_count; i++)
			plan->fields[plan->field_count++] = key->fields[i];
		used += (size_t)snprintf(plan->text + used, room - used, "%s%s", used ? ", " : "",
					 key->text);
	}
	return 0;
}

static int descending(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int descending_seconds(double a, double b)
{
	return (a < b) - (a > b);
}

static int compare_field(const km_stats *stats, field by, uint32_t a, uint32_t b)
{
	const km_stats_numbers *left = &stats->rows[a].numbers, *right = &stats->rows[b].numbers;
	const km_function *f = &stats->functions[a], *g = &stats->functions[b];

	switch (by) {
	case PCALLS:
		return descending(left->primitive_calls, right->primitive_calls);
	case CALLS:
		return descending(left->calls, right->calls);
	case TIME:
		return descending_seconds(left->tottime, right->tottime);
	case CUMULATIVE:
		return descending_seconds(left->cumtime, right->cumtime);
	case FILENAME:
		return km_text_compare(f->file, g->file);
	case LINE:
		return (f->line > g->line) - (f->line < g->line);
	case NAME:
		return km_text_compare(f->name, g->name);
	case STDNAME:
		return km_text_compare(stats->labels[a].ptr, stats->labels[b].ptr);
	}
	return 0;
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const sort_plan *plan = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	for (size_t i = 0; i < plan->field_count; i++) {
		int order = compare_field(plan->stats, plan->fields[i], left, right);
		if (order)
			return order;
	}
	return left < right ? -1 : 1; /* stable */
}

static void forget_order(km_stats *stats)
{
	free(stats->order);
	free(stats->order_text);
	stats->order = NULL;
	stats->order_text = NULL;
}

int km_stats_sort(km_stats *stats, const char *keys, char *error, size_t error_size)
{
	sort_plan plan;

	if (km_stats_check_sort(keys, error, error_size))
		return KM_EINVAL;
	if (!keys || !*keys) {
		forget_order(stats);
		return 0;
	}
	uint32_t *order = malloc((stats->row_count + 1u) * sizeof *order);
	if (!order || plan_init(&plan, stats, keys)) {
		free(order);
		return KM_ENOMEM;
	}
	for (uint32_t i = 0; i < stats->row_count; i++)
		order[i] = i;
	qsort_r(order, stats->row_count, sizeof *order, compare_rows, &plan);
	free(plan.fields);
	forget_order(stats);
	stats->order = order;
	stats->order_text = plan.text;
	return 0;
}

void km_stats_reverse(km_stats *stats)
{
	if (!stats->order || stats->row_count == 0)
		return;
	for (uint32_t i = 0, j = stats->row_count - 1; i < j; i++, j--) {
		uint32_t row = stats->order[i];
		stats->order[i] = stats->order[j];
		stats->order[j] = row;
	}
}
