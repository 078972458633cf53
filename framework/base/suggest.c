#include "framework/base/suggest.h"

#include <string.h>

static int least_of(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Counts the letters to insert, remove, replace or swap with their neighbour (optimal string
 * alignment distance). */
static int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int rows[3][KM_SUGGEST_MAX + 1];
	int *before = rows[0], *last = rows[1], *row = rows[2];

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

void km_suggest_begin(km_suggest *nearest, const char *text, size_t len)
{
	*nearest = (km_suggest){text, len, (int)(len / 3 < 3 ? len / 3 : 3) + 1};
}

bool km_suggest_try(km_suggest *nearest, const char *name)
{
	size_t len = strlen(name);

	if (nearest->len > KM_SUGGEST_MAX || len > KM_SUGGEST_MAX)
		return false;
	int away = distance(nearest->text, nearest->len, name, len);
	if (away >= nearest->least)
		return false;
	nearest->least = away;
	return true;
}
