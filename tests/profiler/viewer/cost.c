/* A request to the application allocates the same memory without a viewer, with one, and while the
 * viewer is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <komori/profiler_middleware.h>
#include <komori/viewer_middleware.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/counted_malloc.h"
#include "tests/profiler/middleware/by_hand.h"

enum { WARM = 5, REQUESTS = 40 };

__attribute__((noinline)) static void work(void)
{
	__asm__ volatile("# work" ::: "memory");
}

static int next(km_body *self, km_str *chunk)
{
	(void)self;
	(void)chunk;
	return 0;
}

static km_body *answer(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	static km_body body = {next, NULL, 0};

	(void)self;
	(void)environ;
	for (int i = 0; i < 20; i++)
		work();
	return start_response->call(start_response, 200, NULL, 0) ? NULL : &body;
}

static km_wsgi_app inner = {answer, NULL};

/* Requests what the page loads after `count` requests: itself, the list, a profile. */
static void look(km_viewer *viewer, size_t count)
{
	const char *paths[] = {"", "app.js", "api/requests", "api/profile/work.prof"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		km_viewer_response found;
		km_viewer_get(viewer, &(km_viewer_request){.path = km_str_from(paths[i])}, &found);
		assert_int_equal(found.status, 200);
		if (i == 2 && count > 1)
			assert_non_null(
				memmem(found.bytes.ptr, found.bytes.len, "\"path\":\"/work\"", 14));
		km_viewer_response_finish(&found);
	}
}

enum watched { WITHOUT_VIEWER, VIEWER, OPEN_VIEWER };

/* Counts the allocations of REQUESTS requests, after WARM others. */
static struct counted_malloc measure(enum watched watched)
{
	char folder[] = "/tmp/komori-viewer-cost-XXXXXX", command[64], error[256];
	struct counted_malloc sum = {0}, counter = {0};

	assert_non_null(mkdtemp(folder));
	km_wsgi_app *app = km_profiler_middleware_new(
		&inner,
		&(km_profiler_options){
			.silent = true, .profile_dir = folder, .filename_format = "{path}.prof"},
		error, sizeof error);
	km_viewer *viewer = km_viewer_new(&(km_viewer_options){.folder = folder, .live = true});
	assert_non_null(app);
	assert_non_null(viewer);
	if (watched != WITHOUT_VIEWER)
		app = km_viewer_middleware_new(app, viewer, "");
	for (size_t i = 0; i < WARM + REQUESTS; i++) {
		counter = (struct counted_malloc){0};
		counted_malloc = &counter;
		serve(app, "GET", "/work");
		counted_malloc = NULL;
		if (i >= WARM) {
			sum.calls += counter.calls;
			sum.bytes += counter.bytes;
		}
		if (watched == OPEN_VIEWER)
			look(viewer, i + 1);
	}
	app->free(app);
	km_viewer_free(viewer);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
	return sum;
}

static void a_request_costs_the_same_while_the_viewer_is_open(void **state)
{
	struct counted_malloc without = measure(WITHOUT_VIEWER);
	struct counted_malloc closed = measure(VIEWER), open = measure(OPEN_VIEWER);

	(void)state;
	print_message("# %ld allocations and %ld bytes a request\n", without.calls / REQUESTS,
		      without.bytes / REQUESTS);
	assert_true(without.calls > REQUESTS);
	assert_int_equal(closed.calls, without.calls);
	assert_int_equal(closed.bytes, without.bytes);
	assert_int_equal(open.calls, closed.calls);
	assert_int_equal(open.bytes, closed.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_costs_the_same_while_the_viewer_is_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("profiler/viewer/cost", tests, NULL, NULL);
}
