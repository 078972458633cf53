/* Memory that runs out at any allocation of a connection's life: the client gets the right
 * response, a 500, or a connection that ends; nothing is lost, and the server goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <komori/komori.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/framework/server/memory_socket.h"
#include "tests/wrapped_malloc.h"

enum { MOST_ALLOCATIONS = 400 };

/* --- the application --- */

static int hello(km_request *req, km_response *res)
{
	const char *agent = km_request_header(req, "User-Agent");
	int failed = agent ? km_response_header(res, "X-Agent", agent) : 0;

	return failed ? failed : km_text(res, 200, "Hello, World!");
}

static int user(km_request *req, km_response *res)
{
	const char *q = km_request_query(req, "q");

	return q ? km_textf(res, 200, "%s %s", km_request_param(req, "name"), q) : KM_ENOMEM;
}

static int echo(km_request *req, km_response *res)
{
	km_str body = km_request_body(req);

	return body.ptr ? km_bytes(res, 200, "text/plain", body.ptr, body.len) : KM_ENOMEM;
}

static size_t open_streams;

static int next(void *context, km_str *chunk)
{
	int *left = context;

	*chunk = KM_STR("chunk");
	return (*left)-- > 0;
}

static void end_stream(void *context)
{
	(void)context;
	open_streams--;
}

static int stream(km_request *req, km_response *res)
{
	int *left = km_request_alloc(req, sizeof *left);

	if (!left)
		return KM_ENOMEM;
	*left = 40;
	open_streams++;
	return km_stream(res, 200, "text/plain", next, end_stream, left);
}

static km_app *make_app(void)
{
	km_app *app = km_app_new("out_of_memory");

	km_get(app, "/hello", hello);
	km_get(app, "/users/<name>", user);
	km_post(app, "/echo", echo);
	km_get(app, "/stream", stream);
	return app;
}

/* --- one life of a connection --- */

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n"

#define A16   "aaaaaaaaaaaaaaaa"
#define A256  A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16
#define A4096 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256

struct life {
	const char *name, *sent;
	size_t content; /* bytes "x" sent behind that */
	size_t piece;	/* bytes that arrive at a time; 0: all */
	size_t room;	/* bytes that each send takes; 0: all */
};

static const struct life lives[] = {
	{"two requests", GET("/hello") GET("/hello"), 0, 0, 0},
	{"parameter and query", GET("/users/a%20b?q=%41"), 0, 0, 0},
	{"not found, not allowed", GET("/none") "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 0,
	 0},
	{"a long head", "GET /hello HTTP/1.1\r\nHost: a\r\nUser-Agent: " A4096 "\r\n\r\n", 0, 0, 0},
	{"byte by byte", GET("/hello") GET("/users/x?q=1"), 0, 1, 0},
	{"a body", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", 100, 30, 0},
	{"a body that goes to a file",
	 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n", 70000, 16000, 0},
	{"chunks",
	 "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n" GET("/hello"),
	 0, 17, 0},
	{"a stream", GET("/stream") GET("/hello"), 0, 0, 0},
	{"a stream and a slow reader", GET("/stream") GET("/hello"), 0, 0, 50},
	{"pipelined, and a slow reader", GET("/hello") GET("/users/x?q=1") GET("/hello"), 0, 0,
	 100},
	{"a long response and a slow reader",
	 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n", 20000, 0, 7000},
	{"an absolute target", "GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n", 0, 0, 0},
	{"Connection", "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 0, 0, 0},
};

static void deliver_pieces(memory_server *server, const struct life *life)
{
	static char bytes[100000];
	size_t head = strlen(life->sent), len = head + life->content;
	size_t piece = life->piece ? life->piece : len;

	memcpy(bytes, life->sent, head);
	memset(bytes + head, 'x', life->content);
	for (size_t at = 0; at < len && server->connection; at += piece)
		memory_server_deliver(server, bytes + at, len - at < piece ? len - at : piece);
}

/* Dates are those of no day; the last one may be cut. */
static void blank_dates(km_buffer *responses)
{
	static const char field[] = "\r\nDate: ";
	char *end = responses->data + responses->len;

	for (char *at = responses->data; at && (at = strstr(at, field));) {
		at += strlen(field);
		for (size_t i = strlen("Sun, 06 Nov 1994 08:49:37 GMT"); i > 0 && at < end; i--)
			*at++ = '-';
	}
}

/* What the peer gets. `server` has no connection before and behind it. */
static void live(memory_server *server, const struct life *life)
{
	if (!memory_server_open(server))
		return; /* received is empty */
	server->room = life->room;
	deliver_pieces(server, life);
	memory_server_close(server);
	server->room = 0;
	blank_dates(&server->received);
}

/* The responses as they should be, up to a 500 or to an end. */
static void check(const struct life *life, const km_buffer *got, const km_buffer *wanted)
{
	static const char line[] = "HTTP/1.1 ", failure[] = "HTTP/1.1 500 ";
	size_t same = 0, start = 0;

	while (same < got->len && same < wanted->len && got->data[same] == wanted->data[same])
		same++;
	if (same == got->len)
		return;
	for (size_t i = 0; i <= same && i + sizeof line <= got->len; i++) {
		if (!memcmp(got->data + i, line, sizeof line - 1))
			start = i;
	}
	if (got->len - start < sizeof failure ||
	    memcmp(got->data + start, failure, sizeof failure - 1) != 0)
		fail_msg("%s, allocation %zu fails%s: at %zu '%.200s'", life->name,
			 allocations.failing, allocations.for_good ? " and all behind it" : "",
			 same, got->data + start);
}

static const km_server_options options = {
	.limits.request_line = 8192,
	.limits.headers = 16384,
	.limits.header_count = 100,
	.limits.body = 1 << 20,
	.limits.body_memory = 65536,
	.max_output = 65536,
};

/* In a new server, whose allocation `failing` fails; then once more in the same one, with memory.
 * Returns how many allocations there were. */
static size_t live_without_memory(const struct life *life, size_t failing, const km_buffer *wanted)
{
	km_app *app = make_app();
	memory_server server;

	assert_true(memory_server_init(&server, km_app_wsgi(app), &options));
	allocations.made = 0;
	allocations.failing = failing;
	live(&server, life);
	size_t made = allocations.made;
	check(life, &server.received, wanted);
	allocations.failing = 0;
	assert_int_equal(open_streams, 0);
	assert_int_equal(server.loop.connections, 0);
	live(&server, life);
	assert_int_equal(server.received.len, wanted->len);
	assert_memory_equal(server.received.data, wanted->data, wanted->len);
	memory_server_finish(&server);
	km_app_free(app);
	return made;
}

static void take_wanted(const struct life *life, km_buffer *wanted)
{
	km_app *app = make_app();
	memory_server server;

	assert_true(memory_server_init(&server, km_app_wsgi(app), &options));
	live(&server, life);
	assert_true(server.received.len > 0);
	km_buffer_append(wanted, server.received.data, server.received.len);
	memory_server_finish(&server);
	km_app_free(app);
}

static void whichever_allocation_fails(void **state)
{
	allocations.for_good = *(bool *)*state;
	for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
		km_buffer wanted = {0};
		take_wanted(&lives[i], &wanted);
		size_t n = 1;
		while (n < MOST_ALLOCATIONS && live_without_memory(&lives[i], n, &wanted) >= n)
			n++;
		print_message("# %s: %zu allocations\n", lives[i].name, n - 1);
		assert_true(n > 1 && n < MOST_ALLOCATIONS);
		km_buffer_finish(&wanted);
	}
}

int main(void)
{
	static bool once = false, ever = true;
	const struct CMUnitTest tests[] = {
		{"one allocation fails, whichever", whichever_allocation_fails, NULL, NULL, &once},
		{"all fail from one on, whichever", whichever_allocation_fails, NULL, NULL, &ever},
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/out_of_memory", tests, NULL, NULL);
}
