/* Measures the cost of a request in Komori itself, without the kernel: reading from the input
 *buffer, parsing, checks, dispatch through WSGI and the router, the handler, and writing the
 *response.
 *
 *	bench-request small|browser DEPTH
 *
 * Prints nanoseconds (the least of some repetitions) and allocations a request. */
#include <komori/komori.h>
#include <stdio.h>
#include <stdlib.h>

#include "framework/base/clock.h"
#include "tests/bench/request/handler.h"
#include "tests/bench/http/requests.h"
#include "tests/framework/server/memory_socket.h"
#include "tests/wrapped_malloc.h"

enum { REPETITIONS = 9, REQUESTS = 32000, MAX_DEPTH = 64 };

static const km_server_options options = {
	.limits.request_line = 8190,
	.limits.headers = 16384,
	.limits.header_count = 100,
	.limits.body = 1 << 20,
	.limits.body_memory = 65536,
	.max_output = 65536,
};

static void repeat(memory_server *server, const km_buffer *batch, size_t times)
{
	for (size_t i = 0; i < times; i++)
		memory_server_deliver(server, batch->data, batch->len);
}

static int measure(memory_server *server, const km_buffer *batch, size_t depth)
{
	if (!memory_server_open(server))
		return 1;
	repeat(server, batch, 1);
	if (!server->received.data || strncmp(server->received.data, "HTTP/1.1 200 OK\r\n", 17)) {
		fprintf(stderr, "bench-request: the response is not 200\n");
		return 1;
	}
	server->discards = true;
	repeat(server, batch, REQUESTS / depth);
	size_t before = allocations.made, times = REQUESTS / depth;
	int64_t least = INT64_MAX;
	for (int i = 0; i < REPETITIONS; i++) {
		int64_t begin = km_clock_monotonic_ns();
		repeat(server, batch, times);
		int64_t took = km_clock_monotonic_ns() - begin;
		least = took < least ? took : least;
	}
	double count = (double)(times * depth);
	printf("%.2f %g\n", (double)least / count,
	       (double)(allocations.made - before) / count / REPETITIONS);
	return server->connection ? 0 : 1;
}

int main(int argc, char **argv)
{
	size_t depth = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	memory_server server;
	km_buffer batch = {0};

	if (depth - 1 >= MAX_DEPTH) {
		fprintf(stderr, "usage: %s small|browser DEPTH\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < depth; i++)
		km_buffer_text(&batch,
			       strcmp(argv[1], "browser") ? request_small : request_browser);
	km_app *app = bench_app_new();
	if (!memory_server_init(&server, km_app_wsgi(app), &options))
		return 1;
	int failed = measure(&server, &batch, depth);
	memory_server_finish(&server);
	km_app_free(app);
	km_buffer_finish(&batch);
	return failed;
}
