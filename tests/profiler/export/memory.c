/* Whichever allocation fails, an export, a comparison or a tree ends with KM_ENOMEM or is complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "profiler/diff/budget.h"
#include "profiler/diff/diff_text.h"
#include "profiler/export/export.h"
#include "profiler/report/tree_text.h"
#include "tests/wrapped_malloc.h"

enum { NODES = 300 };

static km_function functions[] = {{"~", 0, "<request GET />"},
				  {"/srv/a.c", 3, "f"},
				  {"/srv/b.c", 3, "g"},
				  {"~", 0, "(other)"}};
static km_tree_node nodes[NODES];
static km_tree_folded folded[] = {{1, 3, 2, 10, 20}};
static km_tree tree = {.functions = functions,
		       .function_count = 4,
		       .other = 3,
		       .nodes = nodes,
		       .node_count = NODES,
		       .folded = folded,
		       .folded_count = 1,
		       .seconds_per_tick = 1e-9};
static km_prof with_tree = {.recording = {.tree = &tree, .komori = "0.1.0"}}, without;
static FILE *output;

static int set_up(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < NODES; i++)
		nodes[i] = (km_tree_node){1 + i % 2, i - 1, 1, NODES - i};
	nodes[0] = (km_tree_node){0, 0, 1, NODES};
	nodes[NODES - 1].function = 3;
	output = tmpfile();
	assert_non_null(output);
	assert_int_equal(setvbuf(output, NULL, _IONBF, 0), 0);
	assert_int_equal(km_stats_from_tree(&with_tree.stats, &tree), 0);
	return km_stats_from_tree(&without.stats, &tree);
}

static int tear_down(void **state)
{
	(void)state;
	fclose(output);
	km_stats_free(with_tree.stats);
	km_stats_free(without.stats);
	return 0;
}

/* How much `work` writes when the allocation of that number fails (0: none), in bytes, or
 * KM_ENOMEM.
 */
static long written(int (*work)(const void *), const void *what, size_t failing)
{
	assert_int_equal(lseek(fileno(output), 0, SEEK_SET), 0);
	assert_int_equal(ftruncate(fileno(output), 0), 0);
	allocations.made = 0;
	allocations.failing = failing;
	int result = work(what);
	allocations.failing = 0;
	if (!result)
		return lseek(fileno(output), 0, SEEK_END);
	assert_int_equal(result, KM_ENOMEM);
	return result;
}

/* With the first allocation failing, then the second, up to the run that needs no more: all is
 * written, or KM_ENOMEM says that it is not. */
static void exhaust(int (*work)(const void *), const void *what)
{
	long complete = written(work, what, 0), found = KM_ENOMEM;
	size_t count = 0;

	assert_true(complete > 0);
	while (found == KM_ENOMEM) {
		assert_in_range(count, 0, 10000);
		found = written(work, what, ++count);
	}
	assert_int_equal(found, complete);
	assert_in_range(count, 2, 10000);
}

static int write_form(const void *what)
{
	km_export_notes notes;
	int result = 0;

	for (const km_prof *prof = &with_tree; !result && prof;
	     prof = prof == &with_tree ? &without : NULL)
		result = km_export_write(what, prof, fileno(output), &notes);
	return result;
}

static void exports(void **state)
{
	(void)state;
	for (const km_export_format *format = km_export_formats; format->name; format++)
		exhaust(write_form, format);
}

static int print_tree(const void *what)
{
	km_tree_text_options options = {.depth = UINT32_MAX};

	return km_tree_text_write(output, what, &options);
}

static void trees(void **state)
{
	(void)state;
	exhaust(print_tree, &tree);
}

static int check_budget(const km_diff *diff)
{
	km_buffer lines = {0};
	km_budget budget;
	char error[256];
	int result = km_budget_init(&budget, "calls:f|g >= 0", error, sizeof error);

	if (result)
		return result;
	result = km_budget_check(&budget, diff, &lines);
	km_budget_finish(&budget);
	km_buffer_finish(&lines);
	return result;
}

static int compare(const void *what)
{
	km_diff_text_options options = {.paths = true, .limit = UINT32_MAX, .what = "request"};
	km_diff *diff;
	int result = km_diff_new(&diff, &with_tree, what, true);

	if (!result)
		result = km_diff_text_write(output, diff, &options);
	if (!result)
		result = km_diff_text_write_verdict(output, diff, options.what);
	if (!result)
		result = check_budget(diff);
	km_diff_free(diff);
	return result;
}

static void comparisons(void **state)
{
	(void)state;
	exhaust(compare, &with_tree);
	exhaust(compare, &without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exports),
		cmocka_unit_test(trees),
		cmocka_unit_test(comparisons),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
