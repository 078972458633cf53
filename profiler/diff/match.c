#include "profiler/diff/match.h"

#include <komori/base.h>
#include <stdlib.h>

typedef struct key {
	const char *file, *name;
	int line;
	uint32_t index;
} key;

/* Negative, 0, positive: by file and name alone. */
static int compare(const key *a, const key *b)
{
	int order = strcmp(a->name, b->name);

	return order ? order : strcmp(a->file, b->file);
}

static int in_order(const void *a, const void *b)
{
	const key *left = a, *right = b;
	int order = compare(left, right);

	if (order)
		return order;
	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static const char *without_folder(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static key *sorted_keys(const km_function *functions, uint32_t count, bool strip_dirs)
{
	key *keys = malloc((count + 1u) * sizeof *keys);

	if (!keys)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		const char *file = functions[i].file;
		keys[i] = (key){strip_dirs ? without_folder(file) : file, functions[i].name,
				functions[i].line, i};
	}
	qsort(keys, count, sizeof *keys, in_order);
	return keys;
}

int km_diff_match(uint32_t *number, uint32_t *count, const km_function *before,
		  uint32_t before_count, const km_function *after, uint32_t after_count,
		  bool strip_dirs)
{
	key *left = sorted_keys(before, before_count, strip_dirs);
	key *right = sorted_keys(after, after_count, strip_dirs);

	*count = after_count;
	for (uint32_t i = 0, j = 0; left && right && i < before_count; i++) {
		while (j < after_count && compare(&right[j], &left[i]) < 0)
			j++;
		bool same = j < after_count && compare(&right[j], &left[i]) == 0;
		number[left[i].index] = same ? right[j++].index : (*count)++;
	}
	int result = left && right ? 0 : KM_ENOMEM;
	free(left);
	free(right);
	return result;
}
