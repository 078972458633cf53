#include "profiler/report/partners.h"

#include "profiler/stats/text.h"

#include <stdlib.h>

static int compare_functions(const void *a, const void *b, void *context)
{
	const km_function *functions = context;

	return km_function_compare(&functions[*(const uint32_t *)a],
				   &functions[*(const uint32_t *)b]);
}

/* Returns the functions in order, as numbers. */
static uint32_t *sorted_functions(const km_stats *stats)
{
	uint32_t *sorted = malloc((stats->function_count + 1u) * sizeof *sorted);

	if (!sorted)
		return NULL;
	for (uint32_t i = 0; i < stats->function_count; i++)
		sorted[i] = i;
	qsort_r(sorted, stats->function_count, sizeof *sorted, compare_functions, stats->functions);
	return sorted;
}

/* Turns the counts in first[function + 1] into starts. */
static void sum_counts(uint32_t *first, uint32_t functions)
{
	for (uint32_t i = 0; i < functions; i++)
		first[i + 1] += first[i];
}

/* Visits the rows in order, so that callees come out sorted. */
static void place_callees(km_partners *partners, const km_stats *stats, const uint32_t *sorted,
			  uint32_t *next)
{
	for (uint32_t i = 0; i < stats->function_count; i++) {
		if (sorted[i] >= stats->row_count)
			continue;
		const km_stats_row *row = &stats->rows[sorted[i]];
		for (uint32_t j = 0; j < row->caller_count; j++) {
			const km_stats_caller *caller = &stats->callers[row->first_caller + j];
			partners->partners[next[caller->function]++] =
				(km_partner){sorted[i], caller};
		}
	}
}

static int compare_partners(const void *a, const void *b, void *context)
{
	const uint32_t *rank = context;
	uint32_t left = rank[((const km_partner *)a)->function];
	uint32_t right = rank[((const km_partner *)b)->function];

	return (left > right) - (left < right);
}

static void place_callers(km_partners *partners, const km_stats *stats, const uint32_t *sorted,
			  uint32_t *rank)
{
	for (uint32_t i = 0; i < stats->function_count; i++)
		rank[sorted[i]] = i;
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		km_partner *at = partners->partners + partners->first[i];
		for (uint32_t j = 0; j < row->caller_count; j++) {
			const km_stats_caller *caller = &stats->callers[row->first_caller + j];
			at[j] = (km_partner){caller->function, caller};
		}
		qsort_r(at, row->caller_count, sizeof *at, compare_partners, rank);
	}
}

static void count_partners(km_partners *partners, const km_stats *stats, bool callees)
{
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		if (!callees)
			partners->first[i + 1] = row->caller_count;
		for (uint32_t j = 0; callees && j < row->caller_count; j++)
			partners->first[stats->callers[row->first_caller + j].function + 1]++;
	}
	sum_counts(partners->first, stats->function_count);
}

int km_partners_init(km_partners *partners, const km_stats *stats, bool callees)
{
	size_t functions = stats->function_count;
	uint32_t *sorted = sorted_functions(stats);
	uint32_t *scratch = malloc((functions + 1) * sizeof *scratch);

	partners->first = calloc(functions + 1, sizeof *partners->first);
	partners->partners = malloc((stats->caller_count + 1u) * sizeof *partners->partners);
	bool failed = !sorted || !scratch || !partners->first || !partners->partners;
	if (!failed) {
		count_partners(partners, stats, callees);
		memcpy(scratch, partners->first, functions * sizeof *scratch);
		if (callees)
			place_callees(partners, stats, sorted, scratch);
		else
			place_callers(partners, stats, sorted, scratch);
	}
	free(sorted);
	free(scratch);
	return failed ? KM_ENOMEM : 0;
}

void km_partners_finish(km_partners *partners)
{
	free(partners->partners);
	free(partners->first);
}
