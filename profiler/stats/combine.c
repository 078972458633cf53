/* pstats' add and strip_dirs: joins the rows of one or two listings under new keys. */
#include "profiler/stats/function_set.h"
#include "profiler/stats/labels.h"
#include "profiler/stats/stats.h"

#include <stdlib.h>

enum { MOST_PARTS = 2, NONE = UINT32_MAX };

typedef struct part {
	const km_stats *stats;
	uint32_t *number; /* by function of the part: its function in the result */
} part;

/* A row of a part, in the list of the row of the result that it is added to. */
typedef struct source {
	uint32_t next; /* NONE behind the last */
	uint32_t row;
} source;

typedef struct combination {
	part parts[MOST_PARTS];
	size_t part_count;
	bool strip_dirs;
	km_function_set functions;
	/* Sources of all parts, part by part; lists by row of the result. */
	source *sources;
	uint32_t *first_source, *last_source;
	/* By function: its index among the callers of the current source, and of the current row.
	 * Stale indices are harmless, because the function at the index is compared. */
	uint32_t *place_in_source, *place_in_row;
	km_stats_caller *source_callers;
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
	size_t sources = 1, callers = 1, functions = work->functions.count + 1u;
	km_stats *made = work->made;

	for (size_t i = 0; i < work->part_count; i++) {
		sources += work->parts[i].stats->row_count;
		callers += work->parts[i].stats->caller_count;
	}
	if (sources >= NONE || callers >= NONE)
		return KM_ENOMEM;
	work->sources = malloc(sources * sizeof *work->sources);
	work->first_source = malloc(functions * sizeof *work->first_source);
	work->last_source = malloc(functions * sizeof *work->last_source);
	work->place_in_source = calloc(functions, sizeof *work->place_in_source);
	work->place_in_row = calloc(functions, sizeof *work->place_in_row);
	work->source_callers = malloc(functions * sizeof *work->source_callers);
	made->functions = malloc(functions * sizeof *made->functions);
	made->rows = calloc(made->row_count + 1u, sizeof *made->rows);
	made->callers = malloc(callers * sizeof *made->callers);
	return work->sources && work->first_source && work->last_source && work->place_in_source &&
			       work->place_in_row && work->source_callers && made->functions &&
			       made->rows && made->callers
		       ? 0
		       : KM_ENOMEM;
}

static void link_sources(combination *work)
{
	uint32_t at = 0;

	memset(work->first_source, 0xff, work->made->row_count * sizeof *work->first_source);
	for (size_t i = 0; i < work->part_count; i++) {
		const part *from = &work->parts[i];
		for (uint32_t row = 0; row < from->stats->row_count; row++, at++) {
			uint32_t target = from->number[row];
			if (work->first_source[target] == NONE)
				work->first_source[target] = at;
			else
				work->sources[work->last_source[target]].next = at;
			work->last_source[target] = at;
			work->sources[at] = (source){NONE, row};
		}
	}
}

static void add_numbers(km_stats_numbers *sum, const km_stats_numbers *numbers)
{
	sum->calls += numbers->calls;
	sum->primitive_calls += numbers->primitive_calls;
	sum->tottime += numbers->tottime;
	sum->cumtime += numbers->cumtime;
}

/* Renames the callers of one row of a part. Of callers that become equal, the numbers of the last
 * take the place of the first, as in pstats. */
static uint32_t rename_callers(combination *work, const part *from, const km_stats_row *row)
{
	const km_stats_caller *callers = from->stats->callers + row->first_caller;
	uint32_t count = 0;

	for (uint32_t i = 0; i < row->caller_count; i++) {
		km_stats_caller caller = callers[i];
		caller.function = from->number[caller.function];
		uint32_t *place = &work->place_in_source[caller.function];
		if (*place >= count || work->source_callers[*place].function != caller.function)
			*place = count++;
		work->source_callers[*place] = caller;
	}
	return count;
}

static void add_callers(combination *work, const part *from, const km_stats_row *added,
			km_stats_row *row)
{
	uint32_t count = rename_callers(work, from, added);
	km_stats_caller *callers = work->made->callers + row->first_caller;

	for (uint32_t i = 0; i < count; i++) {
		const km_stats_caller *caller = &work->source_callers[i];
		uint32_t *place = &work->place_in_row[caller->function];
		if (*place < row->caller_count && callers[*place].function == caller->function) {
			callers[*place].calls_only &= caller->calls_only;
			add_numbers(&callers[*place].numbers, &caller->numbers);
		} else {
			*place = row->caller_count;
			callers[row->caller_count++] = *caller;
		}
	}
}

/* Copies an existing row and adds a new one to zeros, as pstats does: a time of -0.0 shows that. */
static void add_source(combination *work, uint32_t at, bool first, km_stats_row *row)
{
	bool was_there = at < work->parts[0].stats->row_count;
	const part *from = &work->parts[was_there ? 0 : 1];
	const km_stats_row *added = &from->stats->rows[work->sources[at].row];

	if (first && was_there)
		row->numbers = added->numbers;
	else
		add_numbers(&row->numbers, &added->numbers);
	add_callers(work, from, added, row);
}

static void add_rows(combination *work)
{
	km_stats *made = work->made;

	for (uint32_t i = 0; i < made->row_count; i++) {
		km_stats_row *row = &made->rows[i];
		uint32_t first = work->first_source[i];
		row->first_caller = made->caller_count;
		for (uint32_t at = first; at != NONE; at = work->sources[at].next)
			add_source(work, at, at == first, row);
		made->caller_count += row->caller_count;
	}
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
	free(work->sources);
	free(work->first_source);
	free(work->last_source);
	free(work->place_in_source);
	free(work->place_in_row);
	free(work->source_callers);
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
	if (!result) {
		link_sources(work);
		add_rows(work);
		result = finish_made(work);
	}
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
