/* Handlers that wait for a byte from a FIFO, so that a test decides when they end, and some that do
 * not wait. */
#include <komori/komori.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/profiler/keep.h"

static const char *gates; /* the folder of the FIFOs */

static int open_in(const char *name, int flags)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", gates, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* The file `started` has a byte for each. */
static void tell_start(void)
{
	int fd = open_in("started", O_WRONLY | O_APPEND | O_CREAT);
	ssize_t written = write(fd, ".", 1);

	(void)written;
	close(fd);
}

/* Returns the byte. */
KEEP static char wait_at(const char *gate)
{
	int fd = open_in(gate, O_RDONLY);
	char byte = 'x';
	ssize_t got = read(fd, &byte, 1);

	(void)got;
	close(fd);
	return byte;
}

static int waiter(km_request *req, km_response *res)
{
	tell_start();
	wait_at(km_request_query(req, "gate"));
	return km_text(res, 200, "waited\n");
}

/* One chunk at once, then one for each byte of the gate, until x. */
struct stream {
	const char *gate;
	bool begun;
};

static int next(void *context, km_str *chunk)
{
	struct stream *stream = context;

	if (stream->begun && wait_at(stream->gate) == 'x')
		return 0;
	stream->begun = true;
	*chunk = (km_str){"chunk\n", 6};
	return 1;
}

static int streamer(km_request *req, km_response *res)
{
	struct stream *stream = km_request_alloc(req, sizeof *stream);

	if (!stream)
		return KM_ENOMEM;
	*stream = (struct stream){.gate = km_request_query(req, "gate")};
	return km_stream(res, 200, "text/plain", next, NULL, stream);
}

KEEP static void step(void)
{
	AFTER_CALL();
}

static int count(km_request *req, km_response *res)
{
	long steps = strtol(km_request_param(req, "steps"), NULL, 10);

	for (long i = 0; i < steps; i++)
		step();
	return km_textf(res, 200, "%ld %s\n", steps,
			km_environ_get(km_request_environ(req), "wsgi.multithread").ptr);
}

KEEP __attribute__((no_sanitize("undefined", "address", "thread"))) static void write_nowhere(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}

static int crash(km_request *req, km_response *res)
{
	(void)req;
	write_nowhere();
	return km_text(res, 500, "alive\n");
}

static int healthz(km_request *req, km_response *res)
{
	(void)req;
	return km_textf(res, 200, "%ld\n", (long)getpid());
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("threads_app");

	gates = getenv("GATES");
	km_get(app, "/wait", waiter);
	km_get(app, "/stream", streamer);
	km_get(app, "/count/<steps>", count);
	km_get(app, "/crash", crash);
	km_get(app, "/healthz", healthz);
	return km_main(app, argc, argv);
}
