/* An application whose routes make profiles of every shape, for requests.t and concurrent.t. Hand
 * counts stand beside the routes. */
#include <komori/komori.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/profiler/paths.h"

KEEP static long fib(long n)
{
	long high = n < 2 ? n : fib(n - 1);
	AFTER_CALL();
	long low = n < 2 ? 0 : fib(n - 2);
	AFTER_CALL();
	return high + low;
}

/* /fib/N: 2 fib(N + 1) - 1 calls, 1 of them primitive */
static int recursion(km_request *req, km_response *res)
{
	return km_textf(res, 200, "%ld\n", fib(atol(km_request_param(req, "n"))));
}

KEEP static int pong(int n);

KEEP static int ping(int n)
{
	int result = n ? pong(n - 1) : 0;
	AFTER_CALL();
	return result + 1;
}

KEEP static int pong(int n)
{
	int result = n ? ping(n - 1) : 0;
	AFTER_CALL();
	return result + 1;
}

/* /mutual: ping 51, pong 50 */
static int mutual_recursion(km_request *req, km_response *res)
{
	(void)req;
	return km_textf(res, 200, "%d\n", ping(100));
}

KEEP static int dive(int depth)
{
	int below = depth ? dive(depth - 1) : 0;
	AFTER_CALL();
	return below + 1;
}

/* /deep: dive 5001 */
static int deep(km_request *req, km_response *res)
{
	(void)req;
	return km_textf(res, 200, "%d\n", dive(5000));
}

#define ONE(n)                                                                                     \
	KEEP static void leaf_##n(void)                                                            \
	{                                                                                          \
		AFTER_CALL();                                                                      \
	}
#define EIGHT(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define ALL(X)	    EIGHT(X, 0) EIGHT(X, 1) EIGHT(X, 2) EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5)
ALL(ONE)
#define ADDRESS(n) leaf_##n,
static void (*const leaves[])(void) = {ALL(ADDRESS)};

/* /wide: each of 48 leaves 3 times */
static int wide(km_request *req, km_response *res)
{
	(void)req;
	for (int i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++)
			leaves[k]();
	return km_text(res, 200, "wide\n");
}

/* /library: random 1000, strtol 10 */
static int library_calls(km_request *req, km_response *res)
{
	long total = 0;

	(void)req;
	for (int i = 0; i < 1000; i++)
		total += random() & 1;
	for (int i = 0; i < 10; i++)
		total += strtol("12", NULL, 10);
	return km_textf(res, 200, "%d\n", total > 0);
}

KEEP static int make_chunk(char *chunk, size_t size, int number)
{
	AFTER_CALL();
	return snprintf(chunk, size, "chunk %-1000d\n", number);
}

typedef struct stream {
	int next, last;
	char chunk[1024];
} stream;

KEEP static int next_chunk(void *context, km_str *chunk)
{
	stream *stream_of = context;

	if (stream_of->next == stream_of->last)
		return 0;
	chunk->ptr = stream_of->chunk;
	chunk->len =
		(size_t)make_chunk(stream_of->chunk, sizeof stream_of->chunk, stream_of->next++);
	return 1;
}

static void close_stream(void *context)
{
	(void)context;
	AFTER_CALL();
}

/* /stream/N: next_chunk N + 1, make_chunk N, close_stream 1 */
static int streamed(km_request *req, km_response *res)
{
	stream *context = km_request_alloc(req, sizeof *context);

	if (!context)
		return KM_ENOMEM;
	context->last = atoi(km_request_param(req, "n"));
	return km_stream(res, 200, "text/plain", next_chunk, close_stream, context);
}

static int broken_chunk(void *context, km_str *chunk)
{
	stream *stream_of = context;

	if (stream_of->next == 2)
		return KM_EIO;
	int result = next_chunk(context, chunk);
	AFTER_CALL();
	return result;
}

/* /broken: broken_chunk 3, next_chunk 2, close_stream 1; the response ends early */
static int broken_stream(km_request *req, km_response *res)
{
	stream *context = km_request_alloc(req, sizeof *context);

	if (!context)
		return KM_ENOMEM;
	context->last = 5;
	return km_stream(res, 200, "text/plain", broken_chunk, close_stream, context);
}

/* /error: 500 */
static int error(km_request *req, km_response *res)
{
	(void)req;
	(void)res;
	fib(5);
	return KM_EIO;
}

/* A handler without a response: 500 */
static int empty(km_request *req, km_response *res)
{
	(void)req;
	(void)res;
	return 0;
}

static int any_path(km_request *req, km_response *res)
{
	return km_text(res, 200, km_request_param(req, "rest"));
}

/* /count/N: leaf_00 N times, for telling concurrent requests apart */
static int count(km_request *req, km_response *res)
{
	int n = atoi(km_request_param(req, "n"));

	for (int i = 0; i < n; i++)
		leaf_00();
	return km_textf(res, 200, "%d\n", n);
}

/* /paths/N: 2 (2^N - 1) paths, left and right 2^N - 1 calls each, N of them primitive */
static int paths(km_request *req, km_response *res)
{
	int levels = atoi(km_request_param(req, "n"));

	left(levels);
	right(levels);
	return km_text(res, 200, "paths\n");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("shapes");

	km_get(app, "/fib/<int:n>", recursion);
	km_get(app, "/mutual", mutual_recursion);
	km_get(app, "/deep", deep);
	km_get(app, "/wide", wide);
	km_get(app, "/library", library_calls);
	km_get(app, "/stream/<int:n>", streamed);
	km_get(app, "/broken", broken_stream);
	km_get(app, "/error", error);
	km_get(app, "/empty", empty);
	km_get(app, "/any/<path:rest>", any_path);
	km_get(app, "/count/<int:n>", count);
	km_get(app, "/paths/<int:n>", paths);
	return km_main(app, argc, argv);
}
