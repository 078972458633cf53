#include "profiler/diff/match.h"

#include <komori/base.h>
#include <stdlib.h>

typedef struct key {
	const char *file, *name;
	int line;
	uint32_t index;
} key;

/* Compares by name and file alone: negative, 0 or positive. */
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

typedef struct keys {
	key *keys; /* by name, then file, then line */
	uint32_t count;
} keys;

#define MATCHED UINT32_MAX /* instead of an index */

static void match(uint32_t *number, key *before, key *after)
{
	number[before->index] = after->index;
	before->index = after->index = MATCHED;
}

static void match_same(uint32_t *number, keys before, keys after)
{
	for (uint32_t i = 0, j = 0; i < before.count; i++) {
		while (j < after.count && compare(&after.keys[j], &before.keys[i]) < 0)
			j++;
		if (j < after.count && compare(&after.keys[j], &before.keys[i]) == 0)
			match(number, &before.keys[i], &after.keys[j++]);
	}
}

/* Moves `*at` behind the keys of `name`. Returns the only unmatched one of these, or NULL. */
static key *only_one(keys all, uint32_t *at, const char *name)
{
	key *found = NULL;
	uint32_t count = 0;

	for (; *at < all.count && !strcmp(all.keys[*at].name, name); ++*at) {
		if (all.keys[*at].index == MATCHED)
			continue;
		found = &all.keys[*at];
		count++;
	}
	return count == 1 ? found : NULL;
}

/* Matches functions that moved to another file. */
static void match_moved(uint32_t *number, keys before, keys after)
{
	for (uint32_t i = 0, j = 0; i < before.count;) {
		const char *name = before.keys[i].name;
		key *left = only_one(before, &i, name);
		while (j < after.count && strcmp(after.keys[j].name, name) < 0)
			j++;
		key *right = only_one(after, &j, name);
		if (left && right)
			match(number, left, right);
	}
}

int km_diff_match(uint32_t *number, uint32_t *count, const km_function *before,
		  uint32_t before_count, const km_function *after, uint32_t after_count,
		  bool strip_dirs)
{
	keys left = {sorted_keys(before, before_count, strip_dirs), before_count};
	keys right = {sorted_keys(after, after_count, strip_dirs), after_count};

	*count = after_count;
	if (left.keys && right.keys) {
		match_same(number, left, right);
		match_moved(number, left, right);
		for (uint32_t i = 0; i < before_count; i++)
			if (left.keys[i].index != MATCHED)
				number[left.keys[i].index] = (*count)++;
	}
	int result = left.keys && right.keys ? 0 : KM_ENOMEM;
	free(left.keys);
	free(right.keys);
	return result;
}
