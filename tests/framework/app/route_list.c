#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include <komori/application.h>

#include "framework/app/app.h"

enum { MOST_ROUTES = 32 };

static km_app *app;
static struct {
	char methods[32], rule[64];
} routes[MOST_ROUTES];
static int route_count;

static int set_up(void **state)
{
	(void)state;
	app = km_app_new("listed");
	route_count = 0;
	return app ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	km_app_free(app);
	return 0;
}

static int handler(km_request *req, km_response *res)
{
	(void)req;
	(void)res;
	return 0;
}

static int note(void *context, const km_route_facts *route)
{
	const int *most = context;

	assert_ptr_equal(route->handler, handler);
	snprintf(routes[route_count].methods, sizeof routes[0].methods, "%s", route->methods);
	snprintf(routes[route_count].rule, sizeof routes[0].rule, "%s", route->rule);
	return ++route_count == *most ? 42 : 0;
}

static int list(int most)
{
	route_count = 0;
	return km_app_each_route(app, note, &most);
}

static const struct {
	const char *methods, *rule;
} registered[] = {
	{"*", "/<path:rest>"}, {"GET", "/<a>/<b>"}, {"GET", "/<int:a>/<b>"}, {"PUT", "/a/<b>"},
	{"*", "/a/<b>"},       {"GET", "/a/<b>"},   {"GET PUT", "/7"},	     {"GET", "/7/<path:r>"},
	{"PUT", "/<a>/7"},     {"GET", "/"},	    {"GET", "/a/<int:b>/x"}, {"PUT", "/<a>/<b>/x"},
};
enum { REGISTERED = sizeof registered / sizeof *registered };

static void register_all(void)
{
	for (int i = 0; i < REGISTERED; i++)
		assert_int_equal(km_route(app, registered[i].methods, registered[i].rule, handler),
				 0);
}

/* --- plain matching of one rule, without a tree --- */

static bool fits_segment(const char *rule, size_t wanted, const char *path, size_t found)
{
	if (strncmp(rule, "<int:", 5) == 0)
		return found && strspn(path, "0123456789") == found;
	if (*rule == '<')
		return found;
	return wanted == found && memcmp(rule, path, found) == 0;
}

static bool fits(const char *rule, const char *path)
{
	while (*rule == '/' && *path == '/') {
		size_t wanted = strcspn(++rule, "/"), found = strcspn(++path, "/");
		if (strncmp(rule, "<path:", 6) == 0)
			return *path;
		if (!fits_segment(rule, wanted, path, found))
			return false;
		rule += wanted;
		path += found;
	}
	return !*rule && !*path;
}

static bool allows(const char *methods, const char *method)
{
	return *methods == '*' || strstr(methods, method);
}

static const char *first_that_fits(const char *method, const char *path)
{
	for (int i = 0; i < route_count; i++)
		if (allows(routes[i].methods, method) && fits(routes[i].rule, path))
			return routes[i].rule;
	return NULL;
}

static void check_path(const char *method, const char *path)
{
	const char *wanted = first_that_fits(method, path);
	km_match match;

	km_router_match(&app->router, km_str_from(method), km_str_from(path), &match);
	if (!wanted)
		assert_null(match.endpoint);
	else
		assert_string_equal(match.endpoint->rule, wanted);
}

static void the_first_that_fits_is_the_one_that_matches(void **state)
{
	static const char *const segments[] = {"", "/", "/a", "/7", "/x"};
	char path[32];

	(void)state;
	register_all();
	assert_int_equal(list(MOST_ROUTES), 0);
	assert_int_equal(route_count, REGISTERED);
	for (int i = 0; i < 5 * 5 * 5; i++) {
		snprintf(path, sizeof path, "/%s%s%s", segments[i / 25] + (i >= 25),
			 segments[i / 5 % 5], segments[i % 5]);
		check_path("GET", path);
		check_path("PUT", path);
		check_path("POST", path);
	}
}

static void methods_are_listed_with_their_rule(void **state)
{
	(void)state;
	assert_int_equal(km_route(app, "*", "/x", handler), 0);
	assert_int_equal(km_route(app, "PUT,GET", "/x", handler), 0);
	assert_int_equal(km_route(app, "BREW", "/x", handler), 0);
	assert_int_equal(list(MOST_ROUTES), 0);
	assert_int_equal(route_count, 3);
	assert_string_equal(routes[0].methods, "PUT GET");
	assert_string_equal(routes[1].methods, "BREW");
	assert_string_equal(routes[2].methods, "*");
}

static void a_visitor_ends_the_visit(void **state)
{
	(void)state;
	assert_int_equal(list(1), 0);
	assert_int_equal(route_count, 0);
	register_all();
	for (int most = 1; most <= REGISTERED; most++) {
		assert_int_equal(list(most), 42);
		assert_int_equal(route_count, most);
	}
}

static void the_first_error_is_reported(void **state)
{
	(void)state;
	assert_null(km_app_error(app));
	assert_int_equal(km_get(app, "slash", handler), KM_EINVAL);
	assert_int_equal(km_get(app, "/<", handler), KM_EINVAL);
	assert_string_equal(km_app_error(app), "route GET \"slash\": a rule starts with \"/\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_that_fits_is_the_one_that_matches, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(methods_are_listed_with_their_rule, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_visitor_ends_the_visit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_error_is_reported, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
