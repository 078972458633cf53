#include "profiler/dump/rows_reader.h"

#include "profiler/stats/labels.h"

#include <stdlib.h>

enum { NO_ROW = UINT32_MAX, FIRST_CAPACITY = 256 };

/* What the reader knows about a function. */
typedef struct function_state {
	uint32_t row; /* NO_ROW while it is only a caller */
	/* Its index among the callers of the current row. A stale index is harmless, because the
	 * function at the index is compared. */
	uint32_t place;
} function_state;

typedef struct rows_reader {
	km_prof_source *source;
	function_state *states;
	uint32_t state_count, state_capacity;
	km_stats_row *rows;
	uint32_t *row_functions;
	uint32_t row_count, row_capacity;
	km_stats_caller *callers; /* by functions as the source numbers them */
	uint32_t caller_count, caller_capacity;
} rows_reader;

/* Makes room for one more item; the size of the file bounds their number. */
static int make_room(void **items, uint32_t count, uint32_t *capacity, size_t item_size)
{
	if (count < *capacity)
		return 0;
	uint32_t more = *capacity ? *capacity * 2 : FIRST_CAPACITY;
	void *bigger = more > *capacity ? realloc(*items, more * item_size) : NULL;
	if (!bigger)
		return KM_ENOMEM;
	*items = bigger;
	*capacity = more;
	return 0;
}

static int no_memory(rows_reader *reader)
{
	km_marshal_reader_fail(&reader->source->marshal, reader->source->marshal.at,
			       "out of memory");
	return KM_ENOMEM;
}

static int take_function(rows_reader *reader, const km_marshal_object *object, uint32_t *function)
{
	void *states = reader->states;
	int result = km_prof_source_function(reader->source, object, function);

	if (result || *function < reader->state_count)
		return result;
	result = make_room(&states, reader->state_count, &reader->state_capacity,
			   sizeof *reader->states);
	reader->states = states;
	if (result)
		return no_memory(reader);
	reader->states[reader->state_count++] = (function_state){.row = NO_ROW};
	return 0;
}

/* Returns the row of a key. A second row with the same key replaces the first, as in a dict. */
static int take_row(rows_reader *reader, uint32_t function, km_stats_row **row)
{
	void *rows = reader->rows, *functions = reader->row_functions;
	uint32_t *number = &reader->states[function].row, capacity = reader->row_capacity;

	if (*number == NO_ROW) {
		int result = make_room(&rows, reader->row_count, &capacity, sizeof **row);
		if (!result)
			result = make_room(&functions, reader->row_count, &reader->row_capacity,
					   sizeof *reader->row_functions);
		reader->rows = rows;
		reader->row_functions = functions;
		if (result)
			return no_memory(reader);
		reader->row_functions[reader->row_count] = function;
		*number = reader->row_count++;
	}
	*row = &reader->rows[*number];
	**row = (km_stats_row){.first_caller = reader->caller_count};
	return 0;
}

static int take_seconds(km_prof_source *source, km_stats_numbers *numbers)
{
	int result = km_prof_source_seconds(source, "a tottime", &numbers->tottime);

	return result ? result : km_prof_source_seconds(source, "a cumtime", &numbers->cumtime);
}

static int take_caller_tuple(km_prof_source *source, const km_marshal_object *object,
			     km_stats_numbers *numbers)
{
	int result = 0;

	if (object->count != 4)
		return km_marshal_reader_fail(&source->marshal, object->offset,
					      "a caller with %u numbers instead of 4",
					      object->count);
	if (object->again)
		result = km_marshal_reader_go_back(&source->marshal, object);
	if (!result)
		result = km_prof_source_count(source, "a number of calls", &numbers->calls);
	if (!result)
		result = km_prof_source_count(source, "a number of primitive calls",
					      &numbers->primitive_calls);
	if (!result)
		result = take_seconds(source, numbers);
	if (!result && object->again)
		km_marshal_reader_return(&source->marshal);
	return result;
}

/* Takes (calls, primitive calls, tottime, cumtime), or the number of calls alone. */
static int take_caller_numbers(km_prof_source *source, km_stats_caller *caller)
{
	km_marshal_object object;
	int result = km_marshal_reader_next(&source->marshal, &object);

	if (!result && object.kind == KM_MARSHAL_TUPLE)
		return take_caller_tuple(source, &object, &caller->numbers);
	if (!result && (object.kind != KM_MARSHAL_INT || object.negative))
		return km_marshal_reader_fail(&source->marshal, object.offset,
					      "a caller without its numbers");
	caller->calls_only = true;
	caller->numbers.calls = caller->numbers.primitive_calls = object.magnitude;
	return result;
}

static int add_caller(rows_reader *reader, km_stats_row *row, const km_stats_caller *caller)
{
	uint32_t *place = &reader->states[caller->function].place;
	void *callers = reader->callers;

	if (*place >= row->first_caller && *place < reader->caller_count &&
	    reader->callers[*place].function == caller->function) {
		reader->callers[*place] = *caller; /* as in a dict */
		return 0;
	}
	int result =
		make_room(&callers, reader->caller_count, &reader->caller_capacity, sizeof *caller);
	reader->callers = callers;
	if (result)
		return no_memory(reader);
	*place = reader->caller_count;
	reader->callers[reader->caller_count++] = *caller;
	row->caller_count++;
	return 0;
}

static int take_callers(rows_reader *reader, km_stats_row *row)
{
	km_prof_source *source = reader->source;
	km_marshal_object object;
	int result = km_prof_source_take(source, KM_MARSHAL_DICT, "a dict of callers", &object);

	while (!result) {
		km_stats_caller caller = {0};
		result = km_marshal_reader_next(&source->marshal, &object);
		if (result || object.kind == KM_MARSHAL_END)
			break;
		result = take_function(reader, &object, &caller.function);
		if (!result)
			result = take_caller_numbers(source, &caller);
		if (!result)
			result = add_caller(reader, row, &caller);
	}
	return result;
}

/* Takes (primitive calls, calls, tottime, cumtime, callers). */
static int take_row_value(rows_reader *reader, km_stats_row *row)
{
	km_prof_source *source = reader->source;
	km_marshal_object object;
	int result = km_prof_source_take(source, KM_MARSHAL_TUPLE, "a row", &object);

	if (!result && object.count != 5)
		return km_marshal_reader_fail(&source->marshal, object.offset,
					      "a row of %u instead of 5", object.count);
	if (!result)
		result = km_prof_source_count(source, "a number of primitive calls",
					      &row->numbers.primitive_calls);
	if (!result)
		result = km_prof_source_count(source, "a number of calls", &row->numbers.calls);
	if (!result)
		result = take_seconds(source, &row->numbers);
	return result ? result : take_callers(reader, row);
}

static int take_rows(rows_reader *reader)
{
	km_marshal_reader *marshal = &reader->source->marshal;
	km_marshal_object object;
	int result = km_prof_source_take(reader->source, KM_MARSHAL_DICT, "the dict of a profile",
					 &object);

	while (!result) {
		km_stats_row *row;
		uint32_t function;
		result = km_marshal_reader_next(marshal, &object);
		if (result || object.kind == KM_MARSHAL_END)
			break;
		result = take_function(reader, &object, &function);
		if (!result)
			result = take_row(reader, function, &row);
		if (!result)
			result = take_row_value(reader, row);
	}
	if (!result && reader->row_count == 0)
		return km_marshal_reader_fail(marshal, 0, "a profile without a function");
	return result;
}

/* Moves the functions of the rows to the front, in the order of the rows. */
static void number_functions(rows_reader *reader, km_stats *stats)
{
	const km_function *functions = reader->source->functions.functions;

	stats->function_count = stats->row_count;
	for (uint32_t i = 0; i < reader->state_count; i++) {
		uint32_t *number = &reader->states[i].row;
		if (*number == NO_ROW)
			*number = stats->function_count++;
		stats->functions[*number] = functions[i];
	}
	for (uint32_t i = 0; i < stats->caller_count; i++) {
		km_stats_caller *caller = &stats->callers[i];
		caller->function = reader->states[caller->function].row;
	}
}

static int make_stats(rows_reader *reader, km_stats **made)
{
	km_stats *stats = calloc(1, sizeof *stats);

	if (!stats)
		return no_memory(reader);
	stats->functions = malloc(reader->state_count * sizeof *stats->functions);
	stats->rows = reader->rows;
	stats->row_count = reader->row_count;
	stats->callers = reader->callers ? reader->callers : malloc(sizeof *stats->callers);
	stats->caller_count = reader->caller_count;
	reader->rows = NULL;
	reader->callers = NULL;
	if (stats->functions && stats->callers) {
		number_functions(reader, stats);
		if (km_stats_complete(stats) == 0) {
			*made = stats;
			return 0;
		}
	}
	km_stats_free(stats);
	return no_memory(reader);
}

int km_rows_read(km_stats **stats, km_prof_source *source)
{
	rows_reader reader = {.source = source};
	int result = take_rows(&reader);

	*stats = NULL;
	if (!result)
		result = make_stats(&reader, stats);
	free(reader.states);
	free(reader.rows);
	free(reader.row_functions);
	free(reader.callers);
	return result;
}
