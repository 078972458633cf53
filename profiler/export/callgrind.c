/* Callgrind's format: callers and callees (valgrind's manual, "Callgrind Format Specification").
 * Numbers names, so that no name reads as something else. */
#include "profiler/export/job.h"
#include "profiler/report/function_text.h"
#include "profiler/report/partners.h"

#include <stdlib.h>

typedef struct writer {
	km_export *job;
	km_buffer *text;
	bool *file_named, *function_named; /* by function */
	uint32_t *file_number;		   /* by function: the first of those in its file */
} writer;

static const km_function *function_at(const writer *out, uint32_t index)
{
	return &out->job->prof->stats->functions[index];
}

/* Puts "fl=(3) /srv/main.c", or "fl=(3)" once the name is known. */
static void put_name(writer *out, const char *key, uint32_t number, const char *name, bool *named)
{
	km_buffer_text(out->text, key);
	km_buffer_text(out->text, "=(");
	km_decimal_append(out->text, number + 1u);
	km_buffer_char(out->text, ')');
	if (!named[number]) {
		km_buffer_char(out->text, ' ');
		km_plain_append(out->text, name, 0);
		named[number] = true;
	}
	km_buffer_char(out->text, '\n');
}

static void put_function(writer *out, const char *file_key, const char *name_key, uint32_t index)
{
	const km_function *function = function_at(out, index);

	put_name(out, file_key, out->file_number[index], function->file, out->file_named);
	put_name(out, name_key, index, function->name, out->function_named);
}

static void put_cost(writer *out, uint32_t index, double seconds)
{
	int line = function_at(out, index)->line;

	km_decimal_append(out->text, line > 0 ? (uint64_t)line : 0);
	km_buffer_char(out->text, ' ');
	km_decimal_append(out->text, km_export_nanoseconds(seconds));
	km_buffer_char(out->text, '\n');
}

/* Puts at least 1 call: (other) has 0, and callgrind_annotate adds the cost of 0 calls to the
 * caller. */
static void put_callee(writer *out, uint32_t caller, const km_partner *callee)
{
	const km_stats_numbers *numbers = &callee->pair->numbers;
	int line = function_at(out, callee->function)->line;

	put_function(out, "cfi", "cfn", callee->function);
	km_buffer_text(out->text, "calls=");
	km_decimal_append(out->text, numbers->calls ? numbers->calls : 1);
	km_buffer_char(out->text, ' ');
	km_decimal_append(out->text, line > 0 ? (uint64_t)line : 0);
	km_buffer_char(out->text, '\n');
	put_cost(out, caller, numbers->cumtime);
	km_export_out_drain(&out->job->out);
}

static void put_head(writer *out)
{
	const km_stats *stats = out->job->prof->stats;
	uint64_t total = 0;

	for (uint32_t i = 0; i < stats->row_count; i++)
		total += km_export_nanoseconds(stats->rows[i].numbers.tottime);
	km_buffer_text(out->text,
		       "# callgrind format\nversion: 1\ncreator: komori " KM_VERSION "\ncmd: ");
	km_plain_append(out->text, out->job->title.data, 0);
	km_buffer_text(out->text, "\npositions: line\nevents: ns\nsummary: ");
	km_decimal_append(out->text, total);
	km_buffer_text(out->text, "\n");
}

static void put_functions(writer *out, const km_partners *callees)
{
	const km_stats *stats = out->job->prof->stats;

	for (uint32_t i = 0; i < stats->function_count; i++) {
		km_buffer_char(out->text, '\n');
		put_function(out, "fl", "fn", i);
		put_cost(out, i, i < stats->row_count ? stats->rows[i].numbers.tottime : 0);
		for (uint32_t j = callees->first[i]; j < callees->first[i + 1]; j++)
			put_callee(out, i, &callees->partners[j]);
		km_export_out_drain(&out->job->out);
	}
}

static int by_file(const void *a, const void *b, void *functions)
{
	const km_function *all = functions;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = strcmp(all[left].file, all[right].file);

	return order ? order : left < right ? -1 : 1;
}

static int number_files(writer *out)
{
	const km_stats *stats = out->job->prof->stats;
	uint32_t count = stats->function_count;
	uint32_t *sorted = malloc((count + 1u) * sizeof *sorted);

	if (!sorted)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = i;
	qsort_r(sorted, count, sizeof *sorted, by_file, stats->functions);
	for (uint32_t i = 0, first = 0; i < count; i++) {
		if (i == 0 ||
		    strcmp(function_at(out, sorted[i])->file, function_at(out, first)->file) != 0)
			first = sorted[i];
		out->file_number[sorted[i]] = first;
	}
	free(sorted);
	return 0;
}

int km_export_callgrind(km_export *job)
{
	size_t count = job->prof->stats->function_count + 1u;
	writer out = {.job = job, .text = &job->out.text};
	km_partners callees;
	int result = km_partners_init(&callees, job->prof->stats, true);

	out.file_named = calloc(count, sizeof *out.file_named);
	out.function_named = calloc(count, sizeof *out.function_named);
	out.file_number = calloc(count, sizeof *out.file_number);
	if (!out.file_named || !out.function_named || !out.file_number)
		result = KM_ENOMEM;
	if (!result)
		result = number_files(&out);
	if (!result) {
		put_head(&out);
		put_functions(&out, &callees);
	}
	km_partners_finish(&callees);
	free(out.file_named);
	free(out.function_named);
	free(out.file_number);
	return result;
}
