/* Handlers, requests and responses through the application's WSGI callable. Expected responses: RFC
 * 9110 sections 8.6, 9.3.2, 9.3.7, 10.2.1, 15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/framework/app/served.h"

static km_app *app;
static int closed; /* runs of close_counted */

#define TEXT "Content-Type: text/plain; charset=utf-8\n"

static int set_up(void **state)
{
	(void)state;
	app = km_app_new("test");
	closed = 0;
	return app ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	km_app_free(app);
	return 0;
}

static const struct served *ask(const char *method, const char *target)
{
	return serve(km_app_wsgi(app), method, target, NULL, NULL, -1);
}

static int hello(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "Hello");
}

static int describe(km_request *req, km_response *res)
{
	const char *id = km_request_param(req, "id"), *rest = km_request_param(req, "rest");

	return km_textf(res, 201, "%s %s %s id=%s rest=%s none=%s", km_request_method(req),
			km_request_path(req), km_request_route(req), id ? id : "(null)",
			rest ? rest : "(null)", km_request_param(req, "none") ? "?" : "(null)");
}

static void a_handler_responds(void **state)
{
	(void)state;
	km_get(app, "/", hello);
	const struct served *found = get(km_app_wsgi(app), "/");
	assert_int_equal(found->status, 200);
	assert_string_equal(found->headers, TEXT);
	assert_string_equal(found->content, "Hello");
	assert_int_equal(found->length, 5);
	assert_int_equal(found->chunks, 1);
}

static void parameters_are_terminated_and_named(void **state)
{
	(void)state;
	km_post(app, "/u/<id>/x/<path:rest>", describe);
	const struct served *found = ask("POST", "/u/a b/x/c/d?q=1");
	assert_int_equal(found->status, 201);
	assert_string_equal(found->content,
			    "POST /u/a b/x/c/d /u/<id>/x/<path:rest> id=a b rest=c/d none=(null)");
}

static void responses_without_a_handler(void **state)
{
	(void)state;
	km_get(app, "/a", hello);
	km_delete(app, "/a", hello);
	km_put(app, "/b", hello);

	const struct served *found = ask("GET", "/<script>");
	assert_int_equal(found->status, 404);
	assert_string_equal(found->content, "404 Not Found\n");
	found = ask("POST", "/a");
	assert_int_equal(found->status, 405);
	assert_string_equal(found->headers, TEXT "Allow: GET, HEAD, DELETE, OPTIONS\n");
	found = ask("OPTIONS", "/a");
	assert_int_equal(found->status, 204);
	assert_string_equal(found->headers, "Allow: GET, HEAD, DELETE, OPTIONS\n");
	assert_string_equal(found->content, "");
	found = ask("OPTIONS", "*");
	assert_int_equal(found->status, 204);
	assert_string_equal(found->headers, "Allow: GET, HEAD, DELETE, PUT, OPTIONS\n");
	found = ask("OPTIONS", "/nowhere");
	assert_int_equal(found->status, 404);
}

static int many_chunks(void *context, km_str *chunk)
{
	int *left = context;

	*chunk = KM_STR("chunk ");
	return *left > 0 ? (--*left, 1) : *left;
}

static void close_counted(void *context)
{
	(void)context;
	closed++;
}

static int streamed(km_request *req, km_response *res)
{
	int *left = km_request_alloc(req, sizeof *left);

	*left = 3;
	return km_stream(res, 200, "text/event-stream", many_chunks, close_counted, left);
}

/* The server drops the content. */
static void head_has_the_response_of_get(void **state)
{
	(void)state;
	km_get(app, "/", hello);
	km_get(app, "/s", streamed);

	const struct served *found = ask("HEAD", "/");
	assert_int_equal(found->status, 200);
	assert_string_equal(found->headers, TEXT);
	assert_string_equal(found->content, "Hello");
	assert_int_equal(found->length, 5);
	found = ask("HEAD", "/s");
	assert_string_equal(found->headers, "Content-Type: text/event-stream\n");
	assert_int_equal(found->length, -1);
	assert_int_equal(closed, 1);
	found = ask("HEAD", "/nowhere");
	assert_int_equal(found->status, 404);
	assert_int_equal(found->length, 14);
}

static int replaced(km_request *req, km_response *res)
{
	streamed(req, res);
	return km_text(res, 200, "instead");
}

static int given_up(km_request *req, km_response *res)
{
	streamed(req, res);
	km_response_header(res, "X-Lost", "1");
	return KM_EIO;
}

static int bad_stream(km_request *req, km_response *res)
{
	(void)req;
	return km_stream(res, 99, "text/plain", many_chunks, close_counted, &closed);
}

static void a_stream_is_pulled_and_closed_once(void **state)
{
	(void)state;
	km_get(app, "/s", streamed);
	km_get(app, "/replaced", replaced);
	km_get(app, "/given-up", given_up);
	km_get(app, "/bad", bad_stream);

	const struct served *found = get(km_app_wsgi(app), "/s");
	assert_string_equal(found->content, "chunk chunk chunk ");
	assert_int_equal(found->length, -1);
	assert_int_equal(closed, 1);
	serve(km_app_wsgi(app), "GET", "/s", NULL, NULL, 1);
	assert_int_equal(closed, 2);
	serve(km_app_wsgi(app), "GET", "/s", NULL, NULL, 0);
	assert_int_equal(closed, 3);
	assert_string_equal(get(km_app_wsgi(app), "/replaced")->content, "instead");
	assert_int_equal(closed, 4);
	found = get(km_app_wsgi(app), "/given-up");
	assert_int_equal(found->status, 500);
	assert_string_equal(found->headers, TEXT);
	assert_int_equal(closed, 5);
	get(km_app_wsgi(app), "/bad");
	assert_int_equal(closed, 6);
}

static int fails(km_request *req, km_response *res)
{
	const char *which = km_request_query(req, "e");

	(void)res;
	switch (which ? *which : 0) {
	case 'n':
		return KM_ENOENT;
	case 'i':
		return KM_EINVAL;
	case 'l':
		return KM_ELIMIT;
	case '7':
		return 7;
	default:
		return KM_EIO;
	}
}

/* An invalid argument is a 500 with a line on the log, whatever the handler does then. */
static int misuses(km_request *req, km_response *res)
{
	const char *which = km_request_query(req, "e");

	switch (which ? *which : 0) {
	case 's':
		return km_text(res, 999, "x");
	case 'n':
		return km_json(res, 200, NULL);
	case 't':
		return km_bytes(res, 200, NULL, "x", 1);
	case 'b':
		return km_bytes(res, 200, "a/b", NULL, 1);
	case 'f':
		return km_stream(res, 200, "a/b", NULL, NULL, NULL);
	case 'h':
		return km_response_header(res, "X-One", NULL);
	case 'r':
		return km_redirect(res, 200, "/");
	case 'l':
		return km_redirect(res, 302, NULL);
	case 'v': /* and responds nevertheless */
		km_response_header_add(res, "X-One", NULL);
		return km_text(res, 200, "x");
	case 'c':
		assert_int_equal(km_bytes(res, 200, "text/plain\r\nX: y", "", 0), KM_EINVAL);
		return km_text(res, 200, "x");
	case '1':
		assert_int_equal(km_text(res, 199, ""), KM_EINVAL);
		return km_text(res, 200, "x");
	case '6':
		assert_int_equal(km_text(res, 600, ""), KM_EINVAL);
		return km_text(res, 200, "x");
	case 'm':
		assert_int_equal(km_response_header(res, "X Bad", "a"), KM_EINVAL);
		return km_text(res, 200, "x");
	default:
		km_text(res, 1, "x");
		return KM_ENOENT;
	}
}

static void a_handler_that_misuses_its_response_is_a_500(void **state)
{
	(void)state;
	km_get(app, "/", misuses);
	for (const char *which = "sntbfhrlvmc16-"; *which; which++) {
		char target[] = "/?e=?";
		target[4] = *which;
		const struct served *found = ask("GET", target);
		if (found->status != 500)
			fail_msg("%c: %d", *which, found->status);
		assert_string_equal(found->content, "500 Internal Server Error\n");
	}
}

static int silent(km_request *req, km_response *res)
{
	(void)req;
	(void)res;
	return 0;
}

static void a_handler_that_fails_has_its_status(void **state)
{
	(void)state;
	km_get(app, "/", fails);
	km_get(app, "/silent", silent);
	assert_int_equal(ask("GET", "/?e=n")->status, 404);
	assert_int_equal(ask("GET", "/?e=i")->status, 400);
	assert_int_equal(ask("GET", "/?e=l")->status, 413);
	assert_int_equal(ask("GET", "/?e=7")->status, 500);
	const struct served *found = ask("GET", "/");
	assert_int_equal(found->status, 500);
	assert_string_equal(found->content, "500 Internal Server Error\n");
	assert_int_equal(ask("GET", "/silent")->status, 500);
}

static int query(km_request *req, km_response *res)
{
	const char *a = km_request_query(req, "a b");

	return km_textf(res, 200, "[%s] %s", km_request_query_string(req), a ? a : "(null)");
}

static void query_parameters_are_decoded(void **state)
{
	static const char *const cases[][2] = {
		{"", "(null)"},		{"a+b=1&a+b=2", "1"},	{"a%20b=x%26y+z", "x&y z"},
		{"x=1&&a+b", ""},	{"=1&a+b=", ""},	{"a+bc=1", "(null)"},
		{"a+=1", "(null)"},	{"a+b=100%", "100%"},	{"a+b=%4", "%4"},
		{"a+b=%zz%41", "%zzA"}, {"a+b=x%00y", "x%00y"}, {"a+b=%C3%a9=&", "\xc3\xa9="},
	};

	(void)state;
	km_get(app, "/", query);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[64], expected[64];
		snprintf(target, sizeof target, "/?%s", cases[i][0]);
		snprintf(expected, sizeof expected, "[%s] %s", cases[i][0], cases[i][1]);
		assert_string_equal(ask("GET", target)->content, expected);
	}
	assert_string_equal(ask("GET", "/")->content, "[] (null)");
}

static int echo_headers(km_request *req, km_response *res)
{
	const char *names[] = {"x-TAG", "Content-Type", "X_Tag", "Accept", "x-under"};
	char text[256] = "";

	for (int i = 0; i < 5; i++) {
		const char *value = km_request_header(req, names[i]);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s|",
			 value ? value : "(null)");
	}
	return km_text(res, 200, text);
}

static void request_headers_are_found_without_case(void **state)
{
	(void)state;
	km_get(app, "/", echo_headers);
	const struct served *found =
		serve(km_app_wsgi(app), "GET", "/",
		      "X-Tag: 1\nx-tag: 2\nContent-Type: a/b\nX_Under: spoof\n", NULL, -1);
	assert_string_equal(found->content, "1,2|a/b|(null)|(null)|(null)|");
}

static int echo_body(km_request *req, km_response *res)
{
	km_str body = km_request_body(req);

	return km_bytes(res, 200, "x/y", body.ptr, body.len);
}

static void a_handler_gets_the_body_of_the_request(void **state)
{
	(void)state;
	km_route(app, "*", "/", echo_body);
	const struct served *found = serve(km_app_wsgi(app), "BREW", "/", NULL, "tea", -1);
	assert_string_equal(found->content, "tea");
	assert_string_equal(found->headers, "Content-Type: x/y\n");
	assert_string_equal(ask("PUT", "/")->content, "");
}

static int with_headers(km_request *req, km_response *res)
{
	(void)req;
	assert_int_equal(km_response_header(res, "content-type", "text/x-bat"), 0);
	assert_int_equal(km_response_header_add(res, "Set-Cookie", "a=1"), 0);
	assert_int_equal(km_response_header_add(res, "set-cookie", "b=2"), 0);
	assert_int_equal(km_response_header(res, "X-One", "1"), 0);
	assert_int_equal(km_text(res, 200, "x"), 0);
	assert_int_equal(km_response_header(res, "x-one", "2"), 0);
	assert_int_equal(km_response_header(res, "Content-Length", "999"), 0);
	assert_int_equal(km_response_header(res, "X-Bad", "a\r\nb"), KM_EINVAL);
	return 0;
}

static void headers_are_set_added_and_refused(void **state)
{
	(void)state;
	km_get(app, "/", with_headers);
	const struct served *found = ask("GET", "/");
	assert_string_equal(found->headers, "content-type: text/x-bat\nSet-Cookie: a=1\n"
					    "set-cookie: b=2\nx-one: 2\n");
	assert_string_equal(found->content, "x");
}

static int gone(km_request *req, km_response *res)
{
	(void)req;
	km_response_header(res, "X-Kept", "1");
	km_response_header(res, "Content-Type", "a/b");
	return km_text(res, 204, "not sent");
}

static void a_status_without_content_has_none(void **state)
{
	(void)state;
	km_get(app, "/", gone);
	const struct served *found = ask("GET", "/");
	assert_string_equal(found->headers, "X-Kept: 1\n");
	assert_string_equal(found->content, "");
	assert_int_equal(found->length, 0);
}

static int redirect(km_request *req, km_response *res)
{
	return km_redirect(res, 303, km_request_query(req, "to"));
}

static void a_redirect_has_a_clean_location(void **state)
{
	(void)state;
	km_get(app, "/", redirect);
	const struct served *found = ask("GET", "/?to=/a%2520b c%22%C3%A9?q=1%23f");
	assert_int_equal(found->status, 303);
	assert_string_equal(found->headers, TEXT "Location: /a%20b%20c%22%C3%A9?q=1#f\n");
	assert_string_equal(found->content, "303 See Other\n");
	assert_int_equal(ask("GET", "/?to=/%0D%0ASet-Cookie:x")->status, 400);
}

/* --- middleware sees every request --- */

struct spy {
	km_wsgi_app app;
	km_wsgi_app *inner;
	char seen[256]; /* "METHOD ROUTE\n" each */
	bool *freed;
};

static km_body *spy_call(km_wsgi_app *self, km_environ *environ, km_start_response *start)
{
	struct spy *spy = (struct spy *)self;
	km_body *body = spy->inner->call(spy->inner, environ, start);
	km_str route = km_environ_get(environ, "komori.route");

	snprintf(spy->seen + strlen(spy->seen), sizeof spy->seen - strlen(spy->seen), "%s %s\n",
		 km_environ_get(environ, "REQUEST_METHOD").ptr, route.ptr ? route.ptr : "-");
	return body;
}

static void spy_free(km_wsgi_app *self)
{
	*((struct spy *)self)->freed = true;
}

static void middleware_sees_every_request_and_its_route(void **state)
{
	bool freed = false;
	struct spy outer = {{spy_call, spy_free}, km_app_wsgi(app), "", &freed};

	(void)state;
	km_get(app, "/u/<id>", hello);
	km_get(app, "/fails", fails);
	assert_int_equal(km_app_wrap(app, &outer.app), 0);
	assert_ptr_equal(km_app_wsgi(app), &outer.app);
	ask("GET", "/u/1");
	ask("POST", "/u/1");
	ask("OPTIONS", "/u/1");
	ask("HEAD", "/u/1");
	ask("GET", "/none");
	ask("GET", "/fails");
	assert_string_equal(outer.seen, "GET /u/<id>\nPOST /u/<id>\nOPTIONS /u/<id>\n"
					"HEAD /u/<id>\nGET -\nGET /fails\n");
	km_app_free(app);
	app = NULL;
	assert_true(freed);
}

static void set_up_errors_are_kept(void **state)
{
	(void)state;
	assert_int_equal(km_get(app, "bad", hello), KM_EINVAL);
	assert_int_equal(km_app_wrap(app, NULL), KM_ENOMEM);
	assert_int_equal(km_get(NULL, "/", hello), KM_ENOMEM);
	assert_int_equal(km_app_wrap(NULL, NULL), KM_ENOMEM);
	assert_null(km_app_wsgi(NULL));
	assert_null(km_config_get(NULL, "PORT"));
	assert_int_equal(km_config_set(NULL, "PORT", "1"), KM_ENOMEM);
	km_app_free(NULL);
	char *argv[] = {(char *)(uintptr_t) "test", NULL};
	assert_int_equal(km_main(app, 1, argv), 1);
	app = NULL;
	assert_int_equal(km_main(NULL, 1, argv), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handler_responds),
		TEST(parameters_are_terminated_and_named),
		TEST(responses_without_a_handler),
		TEST(head_has_the_response_of_get),
		TEST(a_stream_is_pulled_and_closed_once),
		TEST(a_handler_that_fails_has_its_status),
		TEST(a_handler_that_misuses_its_response_is_a_500),
		TEST(query_parameters_are_decoded),
		TEST(request_headers_are_found_without_case),
		TEST(a_handler_gets_the_body_of_the_request),
		TEST(headers_are_set_added_and_refused),
		TEST(a_status_without_content_has_none),
		TEST(a_redirect_has_a_clean_location),
		TEST(middleware_sees_every_request_and_its_route),
		TEST(set_up_errors_are_kept),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
