/* pstats' add and strip_dirs: joins the rows of one or two listings under new keys. */
#include "profiler/stats/function_set.h"
#include "profiler/stats/labels.h"
#include "profiler/stats/pairs.h"

#include <stdlib.h>

enum { MOST_PARTS = 2 };

typedef struct part {
	const km_stats *stats;
	uint32_t *number; /* by function of the part: its function in the result */
} part;

/* A caller in a row of the result: the sum of the rows that were added to it. */
typedef struct caller_sum {
	km_stats_caller whole, before; /* before: without the last of these rows */
	uint32_t last;		       /* the number of that row */
	bool has_before;
} caller_sum;

typedef struct combination {
	part parts[MOST_PARTS];
	size_t part_count;
	bool strip_dirs;
	km_function_set functions;
	km_pairs pairs;	  /* (caller, row) of the result */
	caller_sum *sums; /* by pair */
	bool *touched;	  /* by row of the result: a row was added to it */
	km_stats *made;
} combination;

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static int number_functions(combination *work, part *from, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		const km_function *function = &from->stats->functions[i];
		const char *file = work->strip_dirs ? base_name(function->file) : function->file;
		from->number[i] = km_function_set_copy(&work->functions, file, function->line,
						       function->name);
		if (from->number[i] == KM_FUNCTION_NONE)
			return KM_ENOMEM;
	}
	return 0;
}

/* Numbers functions with a row first. */
static int number_parts(combination *work)
{
	int result = 0;

	for (size_t i = 0; i < work->part_count && !result; i++) {
		part *from = &work->parts[i];
		from->number = malloc((from->stats->function_count + 1u) * sizeof *from->number);
		if (!from->number)
			return KM_ENOMEM;
		result = number_functions(work, from, 0, from->stats->row_count);
	}
	work->made->row_count = work->functions.count;
	for (size_t i = 0; i < work->part_count && !result; i++) {
		part *from = &work->parts[i];
		result = number_functions(work, from, from->stats->row_count,
					  from->stats->function_count);
	}
	work->made->function_count = work->functions.count;
	return result;
}

static int make_room(combination *work)
{
	size_t callers = 1, functions = work->functions.count + 1u;
	km_stats *made = work->made;

	for (size_t i = 0; i < work->part_count; i++)
		callers += work->parts[i].stats->caller_count;
	work->sums = malloc(callers * sizeof *work->sums);
	work->touched = calloc(functions, sizeof *work->touched);
	made->functions = malloc(functions * sizeof *made->functions);
	made->rows = calloc(functions, sizeof *made->rows);
	made->callers = malloc(callers * sizeof *made->callers);
	return work->sums && work->touched && made->functions && made->rows && made->callers
		       ? 0
		       : KM_ENOMEM;
}

static void add_numbers(km_stats_numbers *sum, const km_stats_numbers *numbers)
{
	sum->calls += numbers->calls;
	sum->primitive_calls += numbers->primitive_calls;
	sum->tottime += numbers->tottime;
	sum->cumtime += numbers->cumtime;
}

/* Adds a caller of the row with that number. Of callers of one row that become equal, the numbers
 * of the last take the place of the first, as in pstats. */
static int add_caller(combination *work, uint32_t target, const km_stats_caller *caller,
		      uint32_t row)
{
	uint32_t known = work->pairs.count;
	uint32_t pair = km_pairs_find(&work->pairs, caller->function, target);

	if (pair == UINT32_MAX)
		return KM_ENOMEM;
	caller_sum *sum = &work->sums[pair];
	if (pair == known)
		sum->has_before = false;
	else if (sum->last != row) {
		sum->before = sum->whole;
		sum->has_before = true;
	}
	sum->last = row;
	sum->whole = *caller;
	if (sum->has_before) {
		sum->whole.calls_only &= sum->before.calls_only;
		sum->whole.numbers = sum->before.numbers;
		add_numbers(&sum->whole.numbers, &caller->numbers);
	}
	return 0;
}

/* Copies an existing row and adds a new one to zeros, as pstats does: a time of -0.0 shows that. */
static int add_row(combination *work, const part *from, uint32_t index, uint32_t number)
{
	const km_stats_row *added = &from->stats->rows[index];
	uint32_t target = from->number[index];
	km_stats_row *row = &work->made->rows[target];
	int result = 0;

	if (!work->touched[target] && from == work->parts)
		row->numbers = added->numbers;
	else
		add_numbers(&row->numbers, &added->numbers);
	work->touched[target] = true;
	for (uint32_t i = 0; i < added->caller_count && !result; i++) {
		km_stats_caller caller = from->stats->callers[added->first_caller + i];
		caller.function = from->number[caller.function];
		result = add_caller(work, target, &caller, number);
	}
	return result;
}

static int add_rows(combination *work)
{
	km_stats *made = work->made;
	uint32_t number = 0;
	int result = 0;

	for (size_t i = 0; i < work->part_count; i++)
		for (uint32_t k = 0; k < work->parts[i].stats->row_count && !result; k++)
			result = add_row(work, &work->parts[i], k, number++);
	if (result)
		return result;
	km_pairs_slice(&work->pairs, made);
	for (uint32_t i = 0; i < work->pairs.count; i++)
		*km_pairs_place(&work->pairs.pairs[i], made) = work->sums[i].whole;
	return 0;
}

static int finish_made(combination *work)
{
	km_stats *made = work->made;

	memcpy(made->functions, work->functions.functions,
	       made->function_count * sizeof *made->functions);
	for (size_t i = 0; i < work->part_count; i++) {
		const km_stats *stats = work->parts[i].stats;
		add_numbers(&made->totals, &stats->totals);
		km_buffer_append(&made->files, stats->files.data, stats->files.len);
	}
	return made->files.failed ? KM_ENOMEM : km_labels_make(made);
}

static void combination_finish(combination *work)
{
	for (size_t i = 0; i < work->part_count; i++)
		free(work->parts[i].number);
	free(work->sums);
	free(work->touched);
	km_pairs_finish(&work->pairs);
	km_function_set_finish(&work->functions);
	km_stats_free(work->made);
}

/* Replaces `stats`, the first part, by the result. */
static int combine(combination *work, km_stats *stats)
{
	work->made = calloc(1, sizeof *work->made);
	km_function_set_init(&work->functions);
	int result = work->made ? number_parts(work) : KM_ENOMEM;
	if (!result)
		result = make_room(work);
	if (!result)
		result = add_rows(work);
	if (!result)
		result = finish_made(work);
	if (!result) {
		km_stats before = *stats;
		*stats = *work->made;
		stats->texts = work->functions.arena;
		work->functions.arena = (km_arena){0};
		*work->made = before;
	}
	combination_finish(work);
	return result;
}

int km_stats_add(km_stats *into, const km_stats *from)
{
	combination work = {.parts = {{.stats = into}, {.stats = from}}, .part_count = 2};

	return combine(&work, into);
}

int km_stats_strip_dirs(km_stats *stats)
{
	combination work = {.parts = {{.stats = stats}}, .part_count = 1, .strip_dirs = true};

	return combine(&work, stats);
}
