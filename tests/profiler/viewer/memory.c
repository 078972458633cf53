/* Whichever allocation fails, the list says so, or of its file; the next one is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <komori/viewer.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "profiler/dump/prof_writer.h"
#include "tests/wrapped_malloc.h"

static km_function functions[] = {{"~", 0, "<request GET />"}, {"/srv/a.c", 3, "f"}};
static km_tree_node nodes[] = {{0, 0, 1, 1000}, {1, 0, 41, 900}};
static const km_tree tree = {
	.functions = functions,
	.function_count = 2,
	.other = UINT32_MAX,
	.nodes = nodes,
	.node_count = 2,
	.seconds_per_tick = 1e-9,
};
static const km_profile_facts facts = {.method = "GET",
				       .path = "/p",
				       .route = "/r",
				       .query = "q",
				       .outcome = "finished",
				       .status = 200};
static const char wanted[] = "\"method\":\"GET\",\"path\":\"/p\",\"route\":\"/r\",\"query\":\"q\","
			     "\"outcome\":\"finished\",\"status\":200";
static char folder[] = "/tmp/komori-test-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	km_stats *stats;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a.prof", folder);
	assert_int_equal(km_stats_from_tree(&stats, &tree), 0);
	const km_prof_content prof = {.stats = stats, .tree = &tree, .facts = &facts, .pid = 1};
	assert_int_equal(km_prof_write(path, &prof, true), 0);
	km_stats_free(stats);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* The status of a list, 200 only when it has all of the file. */
static int list(km_viewer *viewer)
{
	const km_viewer_request request = {.path = KM_STR("api/requests")};
	km_viewer_response response;

	km_viewer_get(viewer, &request, &response);
	bool whole = memmem(response.bytes.ptr, response.bytes.len, wanted, sizeof wanted - 1);
	int status = response.status == 200 && !whole ? 0 : response.status;
	km_viewer_response_finish(&response);
	return status;
}

static void the_next_list_is_whole(void **state)
{
	bool failed = true;

	(void)state;
	for (size_t i = 1; failed; i++) {
		km_viewer *viewer = km_viewer_new(&(km_viewer_options){.folder = folder});
		assert_non_null(viewer);
		allocations.failing = allocations.made + i;
		list(viewer);
		failed = allocations.made >= allocations.failing;
		allocations.failing = 0;
		int status = list(viewer);
		if (status != 200)
			fail_msg("allocation %zu failed; the list after it: %d", i, status);
		km_viewer_free(viewer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_list_is_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
