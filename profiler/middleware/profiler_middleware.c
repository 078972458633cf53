#include <komori/profiler_middleware.h>

#include <stdlib.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/wsgi/environ.h"
#include "profiler/middleware/profiler.h"

/* One request: the body for the server, and start_response for the application. The profile runs
 * only inside the application, so that bodies that are pulled by turns do not mix. */
struct recording {
	km_body body; /* first member */
	km_start_response start_response;
	km_profiler *profiler;
	km_profile *profile;   /* NULL: the request runs unrecorded */
	km_request_slot *slot; /* whose recording it is; NULL: no other process sees it */
	bool own_slot;	       /* taken here, as the server gave none */
	km_environ *environ;
	km_start_response *outer;
	km_body *inner;
	int status;	   /* 0 until start_response was called */
	int64_t pulled;	   /* bytes of the body */
	bool ended;	   /* the body said that it is complete */
	bool failed;	   /* the body said that it failed */
	double started;	   /* seconds since the epoch */
	int64_t called_ns; /* CLOCK_MONOTONIC */
};

static struct recording *recording_of(km_start_response *self)
{
	return (struct recording *)((char *)self - offsetof(struct recording, start_response));
}

static const char *variable(const struct recording *recording, const char *name, const char *absent)
{
	km_str value = km_environ_get(recording->environ, name);

	return value.ptr ? value.ptr : absent;
}

/* --- the recording --- */

/* Takes the recording of the request's slot. One that could not be stopped is still in use. */
static void take_profile(struct recording *recording)
{
	km_profiler *profiler = recording->profiler;
	km_environ *environ = recording->environ;
	km_request_slot *slot = environ->slot;

	if (!slot && (slot = km_request_slots_take(&profiler->slots))) {
		km_request_slot_begin(slot, recording->called_ns, environ->request->method,
				      environ->request->target);
		environ->slot = slot;
		recording->own_slot = true;
	}
	size_t index = km_request_slots_index(&profiler->slots, slot);
	if (index == profiler->slots.count || slot->recorded) {
		recording->profile = km_profile_pool_take(&profiler->pool);
		return;
	}
	recording->profile = profiler->pool.shared[index];
	recording->slot = slot;
	slot->started = recording->started;
	slot->status = 0;
	slot->outcome[0] = '\0';
	slot->recorded = true;
}

/* Gives back the slot, unless that is the server's. */
static void forget_profile(struct recording *recording)
{
	recording->profile = NULL;
	recording->slot = NULL;
	if (!recording->own_slot)
		return;
	recording->own_slot = false;
	km_request_slots_give(&recording->profiler->slots, recording->environ->slot);
	recording->environ->slot = NULL;
}

static void give_profile(struct recording *recording)
{
	km_request_slot *slot = recording->slot;

	if (slot) {
		if (km_request_slot_is_own(slot)) /* not a child that the handler has forked */
			slot->recorded = false;
		km_profile_reset(recording->profile);
	} else if (recording->profile) {
		km_profile_pool_give(&recording->profiler->pool, recording->profile);
	}
	forget_profile(recording);
}

/* Outputs the profile and gives it back. */
static void finish(struct recording *recording, const char *outcome)
{
	int64_t elapsed_ns = km_clock_monotonic_ns() - recording->called_ns;
	km_request_slot *slot = recording->slot;
	const km_profile_facts facts = {
		.method = variable(recording, "REQUEST_METHOD", "-"),
		.path = variable(recording, "PATH_INFO", ""),
		.route = variable(recording, "komori.route", NULL),
		.query = variable(recording, "QUERY_STRING", NULL),
		.outcome = outcome,
		.status = recording->status,
		.started = recording->started,
		.elapsed = (double)elapsed_ns * 1e-9,
	};

	if (!recording->profile)
		return;
	if (slot && km_request_slot_is_own(slot))
		km_request_slot_copy(slot->outcome, sizeof slot->outcome, km_str_from(outcome));
	km_profiler_output(recording->profiler, recording->profile, &facts, NULL);
	give_profile(recording);
}

/* For a start or stop that failed. A profile that could not be stopped stays in use. */
static void drop(struct recording *recording, bool stopped)
{
	km_log("%s %s runs unrecorded: %s", variable(recording, "REQUEST_METHOD", "-"),
	       variable(recording, "PATH_INFO", ""), km_profile_error());
	if (stopped)
		give_profile(recording);
	else
		forget_profile(recording);
}

/* These two stand around each call of the application, inlined: a profile is started and stopped
 * in one frame. */
static inline __attribute__((always_inline)) void start(struct recording *recording)
{
	if (recording->profile && km_profile_start(recording->profile))
		drop(recording, true);
}

static inline __attribute__((always_inline)) void stop(struct recording *recording)
{
	if (recording->profile && km_profile_stop(recording->profile))
		drop(recording, false);
}

/* --- the request --- */

static int note_status(km_start_response *self, int status, const km_header *headers, size_t count)
{
	struct recording *recording = recording_of(self);
	int failed = recording->outer->call(recording->outer, status, headers, count);

	if (!failed)
		recording->status = status;
	if (!failed && recording->slot && km_request_slot_is_own(recording->slot))
		recording->slot->status = status;
	return failed;
}

static int next(km_body *self, km_str *chunk)
{
	struct recording *recording = (struct recording *)self;

	start(recording);
	int got = recording->inner->next(recording->inner, chunk);
	stop(recording);
	if (got > 0)
		recording->pulled += (int64_t)chunk->len;
	recording->ended |= got == 0;
	recording->failed |= got < 0;
	return got;
}

/* A server does not pull a body that it knows to be empty or complete. */
static bool is_complete(const struct recording *recording)
{
	int status = recording->status;

	return recording->ended ||
	       (recording->body.length >= 0 && recording->pulled >= recording->body.length) ||
	       status == 204 || status == 205 || status == 304 ||
	       strcmp(variable(recording, "REQUEST_METHOD", ""), "HEAD") == 0;
}

static void close_body(km_body *self)
{
	struct recording *recording = (struct recording *)self;
	km_body *inner = recording->inner;

	if (inner->close) {
		start(recording);
		inner->close(inner);
		stop(recording);
	}
	finish(recording, recording->failed	   ? "error"
			  : is_complete(recording) ? "finished"
						   : "aborted");
}

static km_body *call(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	km_profiler *profiler = (km_profiler *)self;
	struct recording *recording = km_environ_alloc(environ, sizeof *recording);

	if (!recording)
		return NULL;
	recording->profiler = profiler;
	recording->environ = environ;
	recording->outer = start_response;
	recording->start_response.call = note_status;
	recording->started = km_clock_epoch();
	recording->called_ns = km_clock_monotonic_ns();
	take_profile(recording);
	if (!recording->profile)
		drop(recording, true);
	start(recording);
	recording->inner =
		profiler->inner->call(profiler->inner, environ, &recording->start_response);
	stop(recording);
	if (!recording->inner) {
		recording->status = 500; /* the server's response */
		finish(recording, "error");
		return NULL;
	}
	recording->body = (km_body){next, close_body, recording->inner->length};
	return &recording->body;
}

km_profiler *km_profiler_of(km_wsgi_app *app)
{
	return app && app->call == call ? (km_profiler *)app : NULL;
}

km_request_slots *km_profiler_slots(km_wsgi_app *middleware)
{
	km_profiler *profiler = km_profiler_of(middleware);

	return profiler ? &profiler->slots : NULL;
}

/* --- construction --- */

static void free_settings(km_profiler *profiler)
{
	km_profile_pool_finish(&profiler->pool);
	km_request_slots_finish(&profiler->slots);
	km_dump_folder_finish(&profiler->folder);
	free(profiler->sort_by);
	free(profiler->restrictions);
	free(profiler->filename_format);
	free(profiler);
}

static void free_profiler(km_wsgi_app *self)
{
	km_profiler *profiler = (km_profiler *)self;

	if (profiler->inner->free)
		profiler->inner->free(profiler->inner);
	free_settings(profiler);
}

static int copy_settings(km_profiler *profiler, const km_profiler_options *options)
{
	const char *format = options->filename_format;

	profiler->sort_by = strdup(options->sort_by ? options->sort_by : "time,calls");
	profiler->restrictions = strdup(options->restrictions ? options->restrictions : "");
	profiler->filename_format = strdup(format ? format : KM_PROFILER_FILENAME_FORMAT);
	profiler->stream = options->silent ? NULL : options->stream ? options->stream : stdout;
	profiler->filename = options->filename;
	profiler->filename_context = options->filename_context;
	profiler->dumped = options->dumped;
	profiler->dumped_context = options->dumped_context;
	return profiler->sort_by && profiler->restrictions && profiler->filename_format ? 0
											: KM_ENOMEM;
}

/* Everything that could fail a request later fails here. */
static int check_settings(km_profiler *profiler, const km_profiler_options *options, char *error,
			  size_t size)
{
	size_t shared = options->shared_recordings;

	if (copy_settings(profiler, options)) {
		snprintf(error, size, "out of memory");
		return KM_ENOMEM;
	}
	if (km_profile_check_sort(profiler->sort_by) ||
	    km_profile_check_restrictions(profiler->restrictions) || km_profile_enable()) {
		snprintf(error, size, "%s", km_profile_error());
		return KM_EINVAL;
	}
	int failed = km_profiler_check_filename(profiler->filename_format, error, size);
	if (!failed && options->profile_dir)
		failed = km_dump_folder_init(&profiler->folder, options->profile_dir, error, size);
	if (failed)
		return failed;
	if (km_request_slots_init(&profiler->slots, shared) ||
	    km_profile_pool_init(&profiler->pool, options->memory, shared)) {
		snprintf(error, size, "out of memory for %zu shared recordings", shared);
		return KM_ENOMEM;
	}
	return 0;
}

km_wsgi_app *km_profiler_middleware_new(km_wsgi_app *inner, const km_profiler_options *options,
					char *error, size_t error_size)
{
	const km_profiler_options defaults = {0};
	km_profiler *profiler = calloc(1, sizeof *profiler);
	char unread[512];

	if (!error) {
		error = unread;
		error_size = sizeof unread;
	}
	if (!options)
		options = &defaults;
	if (!profiler || !inner) {
		snprintf(error, error_size, inner ? "out of memory" : "there is no application");
		free(profiler);
		return NULL;
	}
	profiler->app = (km_wsgi_app){call, free_profiler};
	profiler->inner = inner;
	if (check_settings(profiler, options, error, error_size) == 0)
		return &profiler->app;
	free_settings(profiler);
	return NULL;
}
