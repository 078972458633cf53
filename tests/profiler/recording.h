/* Reads the numbers of one row from the text that users see, for tests that record. */
#ifndef TESTS_PROFILER_RECORDING_H
#define TESTS_PROFILER_RECORDING_H

#include <komori/profiler.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
	long calls, primitive_calls; /* -1 without such a row */
	double tottime, cumtime;
} row;

/* Finds the row of `name`: "fib" that of ".../file.c:12(fib)"; "{...}" and "(...)" stand as they
 * are. */
static inline row row_of(km_profile *profile, const char *name)
{
	row found = {-1, -1, 0, 0};
	char *text = NULL, end[256];
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	snprintf(end, sizeof end, *name == '{' || *name == '(' ? "%s" : "(%s)", name);
	if (!stream || km_profile_print_stats(profile, stream, NULL, NULL))
		abort();
	fclose(stream);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t len = strlen(line), tail = strlen(end);
		if (len < tail || strcmp(line + len - tail, end))
			continue;
		char *rest;
		found.calls = found.primitive_calls = strtol(line, &rest, 10);
		if (*rest == '/')
			found.primitive_calls = strtol(rest + 1, &rest, 10);
		found.tottime = strtod(rest, &rest);
		if (found.calls)
			strtod(rest, &rest);
		found.cumtime = strtod(rest, &rest);
		break;
	}
	free(text);
	return found;
}

static inline long calls_of(km_profile *profile, const char *name)
{
	return row_of(profile, name).calls;
}

#endif
