/* Reads any bytes as a .prof file: the reader refuses it with a line that names the byte, or its
 * rows and its tree work in every operation. */
#include "tests/fuzz/fuzz.h"
#include "profiler/dump/prof_reader.h"
#include "profiler/report/pstats_text.h"

static void check_rows(const km_stats *stats)
{
	MUST(stats->row_count > 0 && stats->row_count <= stats->function_count);
	for (uint32_t i = 0; i < stats->row_count; i++) {
		const km_stats_row *row = &stats->rows[i];
		MUST(row->first_caller <= stats->caller_count);
		MUST(row->caller_count <= stats->caller_count - row->first_caller);
		for (uint32_t j = 0; j < row->caller_count; j++)
			MUST(stats->callers[row->first_caller + j].function <
			     stats->function_count);
	}
}

static void print(km_stats *stats, const char *keys)
{
	km_buffer out = {0};

	MUST(km_stats_sort(stats, keys, NULL, 0) == 0);
	km_stats_reverse(stats);
	MUST(km_pstats_append(&out, KM_PSTATS_STATS, stats, NULL) == 0);
	MUST(km_pstats_append(&out, KM_PSTATS_CALLERS, stats, NULL) == 0);
	MUST(km_pstats_append(&out, KM_PSTATS_CALLEES, stats, NULL) == 0);
	km_buffer_finish(&out);
}

static void use(km_prof *prof)
{
	km_stats *from_tree;

	check_rows(prof->stats);
	print(prof->stats, "nfl,stdname,time");
	MUST(km_stats_add(prof->stats, prof->stats) == 0);
	check_rows(prof->stats);
	MUST(km_stats_strip_dirs(prof->stats) == 0);
	check_rows(prof->stats);
	print(prof->stats, "");
	if (!prof->recording.tree)
		return;
	MUST(km_stats_from_tree(&from_tree, prof->recording.tree) == 0);
	check_rows(from_tree);
	MUST(km_stats_add(prof->stats, from_tree) == 0);
	print(prof->stats, "cumtime");
	km_stats_free(from_tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char error[256] = "",
	     *copy = malloc(len); /* so that sanitizers see a read beyond the end */
	km_prof *prof;

	MUST(copy || len == 0);
	if (len)
		memcpy(copy, bytes, len);
	int result = km_prof_parse(&prof, copy, len, error, sizeof error);
	free(copy);
	MUST(!result == !*error);
	MUST(!result == !!prof);
	if (result)
		MUST(result == KM_EINVAL && strncmp(error, "byte ", 5) == 0);
	else
		use(prof);
	km_prof_free(prof);
	return 0;
}
