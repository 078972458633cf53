#include <komori/profiler_middleware.h>

#include <stdlib.h>

#include "framework/base/buffer.h"
#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "profiler/middleware/console_report.h"
#include "profiler/middleware/dump_folder.h"
#include "profiler/middleware/filename_format.h"
#include "profiler/middleware/profile_pool.h"
#include "profiler/middleware/shared_requests.h"

struct profiler {
	km_wsgi_app app; /* first member */
	km_wsgi_app *inner;
	km_profile_pool pool;	   /* recordings that nobody else sees */
	km_shared_requests shared; /* taken first */
	FILE *stream;		   /* NULL: no tables */
	char *sort_by, *restrictions, *filename_format;
	km_profile_filename filename;
	void *filename_context;
	km_dump_folder folder;	       /* its path is NULL: no dumps */
	void (*dumped)(void *context); /* NULL: nobody asks */
	void *dumped_context;
};

/* One request: what the server gets as body and the application as start_response. The profile runs
 * only while the application does, so that requests whose bodies are pulled by turns do not mix. */
struct recording {
	km_body body;
	km_start_response start_response;
	struct profiler *profiler;
	km_profile *profile;	 /* NULL: it could not be had, the request runs unrecorded */
	km_shared_facts *shared; /* NULL: nobody else sees the request */
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

/* --- the end of a request --- */

static void name_root(km_profile *profile, const km_profile_facts *facts)
{
	km_buffer name = {0};

	km_buffer_printf(&name, "request %s %s", facts->method,
			 facts->route ? facts->route : "(no route)");
	if (!name.failed)
		km_profile_set_name(profile, name.data);
	km_buffer_finish(&name);
}

/* The name of the dump; KM_E* for none. */
static int choose_name(const struct profiler *profiler, const km_profile_facts *facts,
		       km_file_name name)
{
	km_buffer text = {0};
	char error[256];
	int failed;

	if (profiler->filename) {
		char *room = km_buffer_reserve(&text, 1023);
		failed = room ? profiler->filename(profiler->filename_context, facts, room, 1024)
			      : KM_ENOMEM;
		text.len = failed ? 0 : strnlen(room, 1023);
	} else {
		failed = km_filename_format(&text, profiler->filename_format, facts, error,
					    sizeof error);
	}
	if (!failed)
		km_file_name_clean(name, (km_str){text.data, text.len});
	km_buffer_finish(&text);
	return failed;
}

static void dump(struct profiler *profiler, km_profile *profile, const km_profile_facts *facts)
{
	km_file_name name;
	char error[512];

	if (!profiler->folder.path || choose_name(profiler, facts, name))
		return;
	if (km_dump_folder_write(&profiler->folder, name, profile, facts, error, sizeof error))
		km_log("the profile of %s %s was not written: %s", facts->method, facts->path,
		       error);
	else if (profiler->dumped)
		profiler->dumped(profiler->dumped_context);
}

static void report(const struct profiler *profiler, km_profile *profile,
		   const km_profile_facts *facts, const char *lost)
{
	char error[256];

	if (profiler->stream &&
	    km_console_report(profiler->stream, profile, km_str_from(facts->path),
			      profiler->sort_by, profiler->restrictions, lost, error, sizeof error))
		km_log("the profile of %s %s was not printed: %s", facts->method, facts->path,
		       error);
}

static void give_profile(struct recording *recording)
{
	struct profiler *profiler = recording->profiler;

	if (recording->shared)
		km_shared_requests_give(&profiler->shared, recording->shared);
	else if (recording->profile)
		km_profile_pool_give(&profiler->pool, recording->profile);
	recording->profile = NULL;
	recording->shared = NULL;
}

/* Prints and writes the profile, and gives it back. */
static void finish(struct recording *recording, const char *outcome)
{
	int64_t elapsed_ns = km_clock_monotonic_ns() - recording->called_ns;
	km_shared_facts *shared = recording->shared;
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
	if (shared)
		km_shared_facts_copy(shared->outcome, sizeof shared->outcome, km_str_from(outcome));
	name_root(recording->profile, &facts);
	dump(recording->profiler, recording->profile, &facts);
	report(recording->profiler, recording->profile, &facts, NULL);
	give_profile(recording);
}

/* --- recording --- */

/* For a start or stop that failed. A profile that could not be stopped is still in use: it is not
 * given back, and not freed. */
static void drop(struct recording *recording, bool stopped)
{
	km_log("%s %s runs unrecorded: %s", variable(recording, "REQUEST_METHOD", "-"),
	       variable(recording, "PATH_INFO", ""), km_profile_error());
	if (stopped)
		give_profile(recording);
	recording->profile = NULL;
	recording->shared = NULL;
}

/* The profile that this request records into, with its facts where others see it. */
static void take_profile(struct recording *recording)
{
	struct profiler *profiler = recording->profiler;
	size_t index = km_shared_requests_take(&profiler->shared);
	km_environ *environ = recording->environ;

	if (index == profiler->shared.count) {
		recording->profile = km_profile_pool_take(&profiler->pool);
		return;
	}
	km_shared_facts *facts = &profiler->shared.facts[index];
	recording->profile = profiler->shared.profiles[index];
	recording->shared = facts;
	facts->started = recording->started;
	facts->called_ns = recording->called_ns;
	km_shared_facts_copy(facts->method, sizeof facts->method,
			     km_environ_get(environ, "REQUEST_METHOD"));
	km_shared_facts_copy(facts->path, sizeof facts->path, km_environ_get(environ, "PATH_INFO"));
	km_shared_facts_copy(facts->query, sizeof facts->query,
			     km_environ_get(environ, "QUERY_STRING"));
	km_environ_set_pointer(environ, KM_PROFILER_ROUTE, facts->route);
	atomic_signal_fence(memory_order_seq_cst);
	facts->known = true;
}

static int note_status(km_start_response *self, int status, const km_header *headers, size_t count)
{
	struct recording *recording = recording_of(self);
	int failed = recording->outer->call(recording->outer, status, headers, count);

	if (!failed)
		recording->status = status;
	if (!failed && recording->shared)
		recording->shared->status = status;
	return failed;
}

static int next(km_body *self, km_str *chunk)
{
	struct recording *recording = (struct recording *)self;

	if (recording->profile && km_profile_start(recording->profile))
		drop(recording, true);
	int got = recording->inner->next(recording->inner, chunk);
	if (recording->profile && km_profile_stop(recording->profile))
		drop(recording, false);
	if (got > 0)
		recording->pulled += (int64_t)chunk->len;
	recording->ended |= got == 0;
	recording->failed |= got < 0;
	return got;
}

/* A server need not pull a body of which it knows that nothing (more) comes. */
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
		if (recording->profile && km_profile_start(recording->profile))
			drop(recording, true);
		inner->close(inner);
		if (recording->profile && km_profile_stop(recording->profile))
			drop(recording, false);
	}
	finish(recording, recording->failed	   ? "error"
			  : is_complete(recording) ? "finished"
						   : "aborted");
}

static km_body *call(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	struct profiler *profiler = (struct profiler *)self;
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
	if (!recording->profile || km_profile_start(recording->profile))
		drop(recording, true);
	recording->inner =
		profiler->inner->call(profiler->inner, environ, &recording->start_response);
	if (recording->profile && km_profile_stop(recording->profile))
		drop(recording, false);
	if (recording->shared)
		km_shared_facts_copy(recording->shared->route, sizeof recording->shared->route,
				     km_environ_get(environ, "komori.route"));
	if (!recording->inner) {
		recording->status = 500; /* what the server answers now */
		finish(recording, "error");
		return NULL;
	}
	recording->body = (km_body){next, close_body, recording->inner->length};
	return &recording->body;
}

/* --- requests of a process that died --- */

static void tell(struct profiler *profiler, size_t index, bool running, const char *outcome,
		 int64_t died_ns)
{
	km_profile *profile = profiler->shared.profiles[index];
	km_shared_facts told;

	km_shared_facts_read(&told, &profiler->shared.facts[index]);
	if (!running)
		outcome = *told.outcome ? told.outcome : "lost";
	double elapsed = (double)(died_ns - told.called_ns) * 1e-9;
	const km_profile_facts facts = {
		.method = *told.method ? told.method : "-",
		.path = told.path,
		.route = *told.route ? told.route : NULL,
		.query = told.query,
		.outcome = outcome,
		.status = told.status,
		.started = told.started,
		.elapsed = elapsed > 0 ? elapsed : 0,
	};
	name_root(profile, &facts);
	dump(profiler, profile, &facts);
	report(profiler, profile, &facts, outcome);
}

/* NULL when `app` is no profiler. */
static struct profiler *profiler_of(km_wsgi_app *app)
{
	return app && app->call == call ? (struct profiler *)app : NULL;
}

size_t km_profiler_recover(km_wsgi_app *middleware, pid_t pid, const char *outcome, int64_t died_ns)
{
	struct profiler *profiler = profiler_of(middleware);
	size_t told = 0;

	if (!died_ns)
		died_ns = km_clock_monotonic_ns();
	for (size_t i = 0; profiler && i < profiler->shared.count; i++) {
		km_shared_facts *facts = &profiler->shared.facts[i];
		if (atomic_load(&facts->owner) != pid)
			continue;
		if (facts->known) {
			int running =
				km_profile_recover(profiler->shared.profiles[i], pid, died_ns);
			if (running < 0)
				km_log("a request of process %ld cannot be told: %s", (long)pid,
				       km_profile_error());
			else
				tell(profiler, i, running, outcome, died_ns);
			told += running >= 0;
		}
		km_shared_requests_reclaim(&profiler->shared, i);
	}
	return told;
}

void km_profiler_forget(km_wsgi_app *middleware, pid_t pid)
{
	struct profiler *profiler = profiler_of(middleware);

	for (size_t i = 0; profiler && i < profiler->shared.count; i++)
		if (atomic_load(&profiler->shared.facts[i].owner) == pid)
			km_shared_requests_reclaim(&profiler->shared, i);
}

size_t km_profiler_print_stack(km_wsgi_app *middleware, pid_t pid, FILE *stream)
{
	struct profiler *profiler = profiler_of(middleware);
	size_t printed = 0;

	for (size_t i = 0; profiler && i < profiler->shared.count; i++) {
		km_profile *profile = profiler->shared.profiles[i];
		km_shared_facts facts;
		if (atomic_load(&profiler->shared.facts[i].owner) != pid)
			continue;
		km_shared_facts_read(&facts, &profiler->shared.facts[i]);
		const km_profile_facts named = {.method = facts.method,
						.route = *facts.route ? facts.route : NULL};
		name_root(profile, &named);
		printed += km_profile_print_stack(profile, stream) > 0;
	}
	return printed;
}

/* A request may end, and another one begin in its place, while it is looked at: what is told then
 * is mixed, and gone when somebody looks again. */
void km_profiler_each_running(km_wsgi_app *middleware,
			      void (*visit)(void *context, pid_t pid,
					    const km_profile_facts *facts),
			      void *context)
{
	struct profiler *profiler = profiler_of(middleware);
	int64_t now = km_clock_monotonic_ns();

	for (size_t i = 0; profiler && i < profiler->shared.count; i++) {
		km_shared_facts told;
		pid_t owner = atomic_load(&profiler->shared.facts[i].owner);
		if (!owner || !profiler->shared.facts[i].known)
			continue;
		km_shared_facts_read(&told, &profiler->shared.facts[i]);
		const km_profile_facts facts = {
			.method = told.method,
			.path = told.path,
			.route = *told.route ? told.route : NULL,
			.query = told.query,
			.status = told.status,
			.started = told.started,
			.elapsed = now > told.called_ns ? (double)(now - told.called_ns) * 1e-9 : 0,
		};
		if (!*told.outcome)
			visit(context, owner, &facts);
	}
}

/* --- construction --- */

static void free_settings(struct profiler *profiler)
{
	km_profile_pool_finish(&profiler->pool);
	km_shared_requests_finish(&profiler->shared);
	km_dump_folder_finish(&profiler->folder);
	free(profiler->sort_by);
	free(profiler->restrictions);
	free(profiler->filename_format);
	free(profiler);
}

static void free_profiler(km_wsgi_app *self)
{
	struct profiler *profiler = (struct profiler *)self;

	if (profiler->inner->free)
		profiler->inner->free(profiler->inner);
	free_settings(profiler);
}

static int copy_settings(struct profiler *profiler, const km_profiler_options *options)
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
static int check_settings(struct profiler *profiler, const char *profile_dir, char *error,
			  size_t size)
{
	int failed = km_profile_check_sort(profiler->sort_by);

	if (!failed)
		failed = km_profile_check_restrictions(profiler->restrictions);
	if (!failed)
		failed = km_profile_enable();
	if (failed) {
		snprintf(error, size, "%s", km_profile_error());
		return failed;
	}
	failed = km_profiler_check_filename(profiler->filename_format, error, size);
	if (!failed && profile_dir)
		failed = km_dump_folder_init(&profiler->folder, profile_dir, error, size);
	return failed;
}

km_wsgi_app *km_profiler_middleware_new(km_wsgi_app *inner, const km_profiler_options *options,
					char *error, size_t error_size)
{
	const km_profiler_options defaults = {0};
	struct profiler *profiler = calloc(1, sizeof *profiler);
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
	km_profile_pool_init(&profiler->pool, options->memory);
	if (copy_settings(profiler, options)) {
		snprintf(error, error_size, "out of memory");
	} else if (check_settings(profiler, options->profile_dir, error, error_size) == 0) {
		if (km_shared_requests_init(&profiler->shared, options->shared_recordings,
					    options->memory) == 0)
			return &profiler->app;
		snprintf(error, error_size, "no memory for %zu shared recordings",
			 options->shared_recordings);
	}
	free_settings(profiler);
	return NULL;
}
