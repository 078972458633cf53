/* HEAD through middleware and the server: the application responds as to GET, and the server drops
 * the content (RFC 9110 section 9.3.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <komori/komori.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/framework/server/memory_socket.h"

static const km_server_options options = {
	.limits.request_line = 8190,
	.limits.headers = 16384,
	.limits.header_count = 100,
	.limits.body = 1 << 20,
	.limits.body_memory = 65536,
	.max_output = 65536,
};

static int hello(km_request *req, km_response *res)
{
	(void)req;
	km_response_header(res, "Date", "now"); /* the same in both responses */
	return km_text(res, 200, "Hello");
}

static int no_chunk(void *context, km_str *chunk)
{
	(void)context;
	(void)chunk;
	return 0;
}

static int stream(km_request *req, km_response *res)
{
	(void)req;
	km_response_header(res, "Date", "now");
	km_response_header(res, "Content-Length", "0");
	return km_stream(res, 200, "text/plain", no_chunk, NULL, NULL);
}

/* Middleware that adds a Content-Length, from the length of the body. */
struct middleware {
	km_wsgi_app app;
	km_wsgi_app *inner;
	int64_t length; /* of the last body */
};

struct capture {
	km_start_response start_response;
	const km_header *headers;
	size_t count;
	int status;
};

static int keep(km_start_response *self, int status, const km_header *headers, size_t count)
{
	struct capture *capture = (struct capture *)self;

	capture->status = status;
	capture->headers = headers;
	capture->count = count;
	return 0;
}

static km_body *add_length(km_wsgi_app *self, km_environ *environ,
			   km_start_response *start_response)
{
	struct middleware *middleware = (struct middleware *)self;
	struct capture capture = {.start_response = {keep}};
	km_body *body =
		middleware->inner->call(middleware->inner, environ, &capture.start_response);
	char text[24];
	km_header headers[16];

	assert_non_null(body);
	assert_in_range(capture.count, 1, 15);
	middleware->length = body->length;
	memcpy(headers, capture.headers, capture.count * sizeof *headers);
	if (body->length >= 0) {
		int len = snprintf(text, sizeof text, "%lld", (long long)body->length);
		headers[capture.count++] =
			(km_header){KM_STR("Content-Length"), {text, (size_t)len}};
	}
	start_response->call(start_response, capture.status, headers, capture.count);
	return body;
}

static struct middleware middleware;
static memory_server server;

static const char *ask(const char *method, const char *path)
{
	char request[128];
	int len = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n", method,
			   path);

	km_buffer_clear(&server.received);
	memory_server_deliver(&server, request, (size_t)len);
	km_buffer_char(&server.received, '\0');
	return server.received.data;
}

static void check_same_head(const char *path, int64_t length)
{
	char *get = strdup(ask("GET", path)), *end = strstr(get, "\r\n\r\n");

	assert_non_null(end);
	assert_int_equal(middleware.length, length);
	end[4] = '\0'; /* HEAD has no content */
	middleware.length = -2;
	assert_string_equal(ask("HEAD", path), get);
	assert_int_equal(middleware.length, length);
	free(get);
}

static void head_has_the_fields_of_get_and_no_content(void **state)
{
	(void)state;
	km_app *app = km_app_new("head");

	km_get(app, "/hello", hello);
	km_get(app, "/stream", stream);
	middleware = (struct middleware){.app = {.call = add_length}, .inner = km_app_wsgi(app)};
	km_app_wrap(app, &middleware.app);
	assert_true(memory_server_init(&server, km_app_wsgi(app), &options));
	assert_true(memory_server_open(&server));
	check_same_head("/hello", 5);
	assert_non_null(strstr(server.received.data, "\r\nContent-Length: 5\r\n"));
	check_same_head("/stream", -1);
	memory_server_finish(&server);
	km_app_free(app);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_has_the_fields_of_get_and_no_content),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/app/head_request", tests, NULL, NULL);
}
