/* No request of the steady state allocates: the server runs in a child whose malloc counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <komori/komori.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "framework/server/server.h"
#include "tests/counted_malloc.h"
#include "framework/server/listen/open.h"

static int hello(km_request *req, km_response *res)
{
	const char *agent = km_request_header(req, "User-Agent");

	km_response_header(res, "X-Agent", agent ? agent : "none");
	return km_text(res, 200, "Hello, World!");
}

static int user(km_request *req, km_response *res)
{
	const char *q = km_request_query(req, "q");

	return km_textf(res, 200, "%s %s", km_request_param(req, "name"), q ? q : "-");
}

static int echo(km_request *req, km_response *res)
{
	km_str body = km_request_body(req);

	return km_bytes(res, 200, "text/plain", body.ptr, body.len);
}

static int next(void *context, km_str *chunk)
{
	int *left = context;

	*chunk = KM_STR("chunk");
	return (*left)-- > 0;
}

static int stream(km_request *req, km_response *res)
{
	int *left = km_request_alloc(req, sizeof *left);

	*left = 3;
	return km_stream(res, 200, "text/plain", next, NULL, left);
}

static int allocate(km_request *req, km_response *res)
{
	void *volatile memory = malloc(1);

	(void)req;
	free(memory);
	return km_text(res, 200, "");
}

static void serve(int report)
{
	const km_server_options options = {
		.limits.request_line = 8192,
		.limits.headers = 16384,
		.limits.header_count = 100,
		.limits.body = 1 << 20,
		.limits.body_memory = 65536,
		.max_output = 65536,
		.access_log = "/dev/null",
		.access_log_format = "combined",
		.header_timeout = 60,
		.body_timeout = 60,
		.idle_timeout = 60,
		.write_timeout = 60,
		.graceful_timeout = 60,
	};
	km_app *app = km_app_new("allocations");
	km_listen_sockets sockets;
	km_server *server = NULL;

	km_get(app, "/hello", hello);
	km_get(app, "/users/<name>", user);
	km_post(app, "/echo", echo);
	km_get(app, "/stream", stream);
	km_get(app, "/allocate", allocate);
	if (km_listen_sockets_open(&sockets, "127.0.0.1", "0") == 0)
		server = km_server_new(km_app_wsgi(app), &sockets, &options);
	int port = server ? atoi(sockets.all[0].port) : 0;
	if (write(report, &port, sizeof port) != sizeof port || !server || km_server_run(server))
		exit(1);
	km_server_free(server);
	km_listen_sockets_finish(&sockets);
	km_app_free(app);
	exit(0);
}

static pid_t server;
static int connection;

static int start(void **state)
{
	(void)state;
	int report[2], port = 0;
	void *shared = mmap(NULL, sizeof *counted_malloc, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED || pipe(report))
		return -1;
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		counted_malloc = shared; /* in memory that the child shares */
		serve(report[1]);
	}
	close(report[1]);
	if (read(report[0], &port, sizeof port) != sizeof port || !port)
		return -1;
	close(report[0]);
	connection = dial(port);
	*state = shared;
	return 0;
}

static int stop(void **state)
{
	int status = -1;

	(void)state;
	close(connection);
	kill(server, SIGTERM);
	waitpid(server, &status, 0);
	return status;
}

/* Reads one response, whose end is `end`. */
static void read_response(const char *end)
{
	char bytes[8192];
	size_t have = 0, len = strlen(end);

	do {
		assert_true(have < sizeof bytes);
		ssize_t got = recv(connection, bytes + have, sizeof bytes - have, 0);
		assert_true(got > 0);
		have += (size_t)got;
	} while (have < len || memcmp(bytes + have - len, end, len) != 0);
}

/* What `count` rounds of the request allocate. */
static long allocated(struct counted_malloc *counter, const char *sent, const char *end, int count)
{
	long before = atomic_load(&counter->calls);

	for (int i = 0; i < count; i++) {
		send_text(connection, sent);
		read_response(end);
	}
	return atomic_load(&counter->calls) - before;
}

#define BROWSER                                                                                    \
	"Host: localhost:5000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "           \
	"Gecko/20100101 Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,application/xml;" \
	"q=0.9,image/avif,image/webp,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"             \
	"Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: http://localhost:5000/\r\n"          \
	"Cookie: session=0123456789abcdef0123456789abcdef\r\nCache-Control: no-cache\r\n\r\n"

static void the_steady_state_allocates_nothing(void **state)
{
	const struct {
		const char *name, *sent, *end;
	} cases[] = {
		{"small", GET("/hello"), "Hello, World!"},
		{"of a browser", "GET /hello HTTP/1.1\r\n" BROWSER, "Hello, World!"},
		{"with parameter and query", GET("/users/a%20b?p=1&q=%41"), "a b A"},
		{"HEAD", "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n"},
		{"with a body", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
		 "body"},
		{"with a chunked body",
		 "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
		 "body"},
		{"streamed", GET("/stream"), "0\r\n\r\n"},
		{"not found", GET("/nothing"), "Not Found\n"},
		{"not allowed", "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n",
		 "Method Not Allowed\n"},
		{"pipelined", GET("/hello") GET("/hello") GET("/users/x"), "x -"},
	};
	struct counted_malloc *counter = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		allocated(counter, cases[i].sent, cases[i].end, 10);
		long count = allocated(counter, cases[i].sent, cases[i].end, 1000);
		if (count)
			fail_msg("%s: %ld allocations in 1000 requests", cases[i].name, count);
	}
}

/* The counter counts. */
static void a_handler_that_allocates_is_seen(void **state)
{
	allocated(*state, GET("/allocate"), "\r\n\r\n", 10);
	assert_int_equal(allocated(*state, GET("/allocate"), "\r\n\r\n", 100), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_that_allocates_is_seen),
		cmocka_unit_test(the_steady_state_allocates_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/allocations", tests, start, stop);
}
