/* Prints as a tree, compares and exports any .prof file that the reader accepts. */
#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "profiler/diff/budget.h"
#include "profiler/diff/diff_text.h"
#include "profiler/export/export.h"
#include "profiler/report/tree_text.h"

static FILE *nowhere;

static void write_all(const km_prof *prof)
{
	km_export_notes notes;

	for (const km_export_format *format = km_export_formats; format->name; format++) {
		MUST(km_export_write(format, prof, fileno(nowhere), &notes) == 0);
		MUST(notes.from_rows == (format->paths && !prof->recording.tree));
	}
}

static void check_items(const km_diff_items *items)
{
	for (uint32_t i = 0; i < items->count; i++) {
		const km_diff_item *item = &items->items[i];
		MUST(item->function && (item->in_before || item->in_after));
		MUST(item->label.ptr || i == 0 || item->parent < i);
	}
}

/* Compares a profile with itself: no function is new. Rows with one file and name may swap. */
static void compare(const km_prof *prof)
{
	km_diff_text_options options = {.limit = UINT32_MAX, .what = "total"};
	km_buffer lines = {0};
	km_budget budget;
	km_diff *diff;

	MUST(km_diff_new(&diff, prof, prof, false) == 0);
	MUST(diff->functions.count == prof->stats->row_count);
	MUST(!km_diff_verdict(diff));
	check_items(&diff->functions);
	check_items(&diff->paths);
	km_diff_free(diff);
	MUST(km_diff_new(&diff, prof, prof, true) == 0);
	for (int by_path = 0; by_path < 2; by_path++) {
		options.paths = by_path;
		MUST(km_diff_text_write(nowhere, diff, &options) == 0);
	}
	MUST(km_diff_text_write_verdict(nowhere, diff, options.what) == 0);
	MUST(km_budget_init(&budget, "tottime:f|a > +0%", NULL, 0) == 0);
	int result = km_budget_check(&budget, diff, &lines);
	MUST(result == 0 || result == KM_EINVAL);
	km_budget_finish(&budget);
	km_buffer_finish(&lines);
	km_diff_free(diff);
}

static void print_tree(const km_prof *prof)
{
	km_tree_text_options options = {.depth = UINT32_MAX};

	if (!prof->recording.tree)
		return;
	MUST(km_tree_text_write(nowhere, prof->recording.tree, &options) == 0);
	options = (km_tree_text_options){.depth = 2, .least_share = 0.1, .bold = true};
	MUST(km_tree_text_write(nowhere, prof->recording.tree, &options) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char error[256];
	km_prof *prof;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	MUST(nowhere);
	if (km_prof_parse(&prof, bytes, len, error, sizeof error))
		return 0;
	write_all(prof);
	compare(prof);
	print_tree(prof);
	km_prof_free(prof);
	return 0;
}
