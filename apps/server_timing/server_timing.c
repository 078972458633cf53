#include "server_timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct server_timing {
	km_wsgi_app app; /* first member: the server calls this one */
	km_wsgi_app *inner;
} server_timing;

/* Replaces start_response while one request is served. */
typedef struct timed_start {
	km_start_response start_response; /* first member */
	km_start_response *outer;
	km_environ *environ;
	struct timespec called;
} timed_start;

static double milliseconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) * 1e3 +
	       (double)(now.tv_nsec - then->tv_nsec) * 1e-6;
}

static int start_response(km_start_response *self, int status, const km_header *headers,
			  size_t count)
{
	timed_start *start = (timed_start *)self;
	km_header *more = km_environ_alloc(start->environ, (count + 1) * sizeof *more);
	char value[48];

	if (!more)
		return KM_ENOMEM;
	for (size_t i = 0; i < count; i++)
		more[i] = headers[i];
	snprintf(value, sizeof value, "app;dur=%.1f", milliseconds_since(&start->called));
	more[count] = (km_header){KM_STR("Server-Timing"), km_str_from(value)};
	return start->outer->call(start->outer, status, more, count + 1);
}

static km_body *call(km_wsgi_app *self, km_environ *environ, km_start_response *outer)
{
	server_timing *timing = (server_timing *)self;
	timed_start *start = km_environ_alloc(environ, sizeof *start);

	if (!start)
		return NULL;
	*start = (timed_start){{start_response}, outer, environ, {0}};
	clock_gettime(CLOCK_MONOTONIC, &start->called);
	return timing->inner->call(timing->inner, environ, &start->start_response);
}

static void free_timing(km_wsgi_app *self)
{
	server_timing *timing = (server_timing *)self;

	if (timing->inner->free)
		timing->inner->free(timing->inner);
	free(timing);
}

km_wsgi_app *server_timing_new(km_wsgi_app *inner)
{
	server_timing *timing = calloc(1, sizeof *timing);

	if (!timing)
		return NULL;
	*timing = (server_timing){{call, free_timing}, inner};
	return &timing->app;
}
