#include "config.h"

static int least_of(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
static int distance(const char *a, const char *b)
{
	int rows[3][KM_OPTION_NAME_MAX + 1];
	int *before = rows[0], *last = rows[1], *row = rows[2];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		last[j] = (int)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (int)i;
		for (size_t j = 1; j <= b_len; j++) {
			int other = a[i - 1] != b[j - 1];
			row[j] = least_of(last[j] + 1, row[j - 1] + 1, last[j - 1] + other);
			bool swapped =
				i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
			if (swapped && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		int *oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

const km_option *km_config_nearest(const km_config *config, const char *name)
{
	const km_option *nearest = NULL;
	size_t len = strlen(name);
	int least = (int)(len / 3 < 3 ? len / 3 : 3) + 1;

	if (len > KM_OPTION_NAME_MAX)
		return NULL;
	for (size_t i = 0; i < config->count; i++) {
		int away = distance(name, config->options[i].rule->name);
		if (away < least) {
			least = away;
			nearest = &config->options[i];
		}
	}
	return nearest;
}
