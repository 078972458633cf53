#include "profiler/profile/stack_text.h"

#include <stdlib.h>

#include "profiler/profile/snapshot.h"
#include "profiler/stats/labels.h"

enum { INNERMOST = 40, OUTERMOST = 10 }; /* lines that are shown of very many */

/* Calls one inside the other of one function. */
typedef struct run {
	uint32_t function, calls;
} run;

/* Innermost first. NULL when memory ran out. */
static run *find_runs(const km_open_calls *open, uint32_t *count)
{
	run *runs = calloc(open->count, sizeof *runs);

	*count = 0;
	for (uint32_t i = open->count; runs && i-- > 0;) {
		if (*count == 0 || runs[*count - 1].function != open->functions[i])
			runs[(*count)++].function = open->functions[i];
		runs[*count - 1].calls++;
	}
	return runs;
}

/* Takes out the middle; returns how many calls that were. */
static uint32_t leave_out(run *runs, uint32_t *count)
{
	uint32_t end = *count, calls = 0;

	if (end <= INNERMOST + OUTERMOST)
		return 0;
	for (uint32_t i = INNERMOST; i < end - OUTERMOST; i++)
		calls += runs[i].calls;
	memmove(runs + INNERMOST, runs + end - OUTERMOST, OUTERMOST * sizeof *runs);
	*count = INNERMOST + OUTERMOST;
	return calls;
}

static void append(km_buffer *out, const run *runs, const km_stats *labels, uint32_t left_out)
{
	for (uint32_t i = 0; i < labels->function_count; i++) {
		if (left_out && i == INNERMOST)
			km_buffer_printf(out, "    ... %u calls ...\n", left_out);
		km_buffer_text(out, "    ");
		km_buffer_append(out, labels->labels[i].ptr, labels->labels[i].len);
		if (runs[i].calls > 1)
			km_buffer_printf(out, ", %u times", runs[i].calls);
		km_buffer_char(out, '\n');
	}
}

/* Rows of the runs' functions, for their labels. KM_ENOMEM. */
static int name_functions(km_stats *stats, const run *runs, uint32_t count, const char *root_name)
{
	stats->functions = calloc(count, sizeof *stats->functions);
	if (!stats->functions)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const km_function root = {"~", 0, root_name}, *key = &root;
		if (runs[i].function && !(key = km_snapshot_key(runs[i].function)))
			return KM_ENOMEM;
		stats->functions[stats->function_count++] = *key;
	}
	return km_labels_make(stats);
}

int km_stack_text(km_buffer *out, const km_open_calls *open, const char *root_name)
{
	uint32_t count;

	if (open->count == 0)
		return 0;
	run *runs = find_runs(open, &count);
	km_stats *stats = calloc(1, sizeof *stats);
	int failed = KM_ENOMEM;
	if (runs && stats) {
		uint32_t left_out = leave_out(runs, &count);
		failed = name_functions(stats, runs, count, root_name);
		if (!failed)
			append(out, runs, stats, left_out);
	}
	km_stats_free(stats);
	free(runs);
	return !failed && out->failed ? KM_ENOMEM : failed;
}
