/* The profiler as WSGI middleware, after Werkzeug's ProfilerMiddleware: every request that passes
 *is recorded, its table printed, its profile written. `PROFILE=1` puts it around an app by itself;
 *a program can also wrap any WSGI application by hand:
 *
 *	km_app_wrap(app, km_profiler_middleware_new(km_app_wsgi(app), &options, NULL, 0));
 */
#ifndef KOMORI_PROFILER_MIDDLEWARE_H
#define KOMORI_PROFILER_MIDDLEWARE_H

#include <komori/profiler.h>
#include <komori/wsgi.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KM_PROFILER_FILENAME_FORMAT "{method}.{path}.{elapsed:.0f}ms.{time:.0f}.prof"

/* Writes a file name without directory, NUL-terminated, into `name`. Returns 0, or KM_E* for no
 * dump of this request. Bytes that cannot stand in a file name are replaced by the caller. */
typedef int (*km_profile_filename)(void *context, const km_profile_facts *facts, char *name,
				   size_t size);

/* Zeroed: the defaults. Strings are copied. */
typedef struct km_profiler_options {
	FILE *stream;		      /* where tables go; NULL: stdout. Borrowed */
	bool silent;		      /* no tables */
	const char *sort_by;	      /* NULL: "time,calls" */
	const char *restrictions;     /* NULL: none */
	const char *profile_dir;      /* NULL: no dumps. Made when missing */
	const char *filename_format;  /* NULL: KM_PROFILER_FILENAME_FORMAT */
	km_profile_filename filename; /* instead of filename_format when set */
	void *filename_context;
	size_t memory; /* as in km_profile_options */
	/* So many requests at a time are recorded where this process still sees them when one that
	 * was forked from it is gone (km_profiler_recover); further ones are recorded all the same.
	 */
	size_t shared_recordings;
	/* Called after each dump, by the thread that wrote it and when its answer is on its way. */
	void (*dumped)(void *context);
	void *dumped_context;
} km_profiler_options;

/* 0 when `format` is a file name as Python's str.format takes it, with the fields {method}, {path}
 * (without slashes at its ends, inner ones as ".", or "root"), {elapsed} (milliseconds) and {time}
 * (seconds since the epoch, at the end), each with an optional format spec ({elapsed:08.2f}). Else
 * KM_EINVAL, and `error` says in one line what is allowed. */
KM_API int km_profiler_check_filename(const char *format, char *error, size_t error_size);

/* Middleware around `inner`, which it owns from then on. NULL when memory ran out, an option is bad
 * or the probe cannot be used here; then `inner` is still the caller's and `error` (which may be
 * NULL) says why in one line. `options` may be NULL. Not to be called while threads run. */
KM_API km_wsgi_app *km_profiler_middleware_new(km_wsgi_app *inner,
					       const km_profiler_options *options, char *error,
					       size_t error_size);

/* Requests of a process that was forked after `middleware` was made, and has ended. For all three,
 * `middleware` that is not the profiler has none. Not thread-safe. */

/* Tells every request that `pid` was recording: closes what was open at `died_ns` (CLOCK_MONOTONIC,
 * nanoseconds; 0: now), prints its table, and below it the outcome and the stack at death, writes
 * its dump, and frees the recording. `outcome` ("killed: SIGKILL after 30.0 s") is for requests
 * that ran; a stream between two pulls is "lost", an answer that was complete keeps its own
 * outcome. To be called before `pid` can become another process's (while it is a zombie, or before
 * the next fork). The memory may have been written over by a crash: what can be checked is, but a
 * careful caller lets a child of its own do this, and calls km_profiler_forget when that one
 * crashes too. Returns how many it told. */
KM_API size_t km_profiler_recover(km_wsgi_app *middleware, pid_t pid, const char *outcome,
				  int64_t died_ns);
/* Calls `visit` for each request that runs now, in this process or in others of the same parent, of
 * those that are recorded where others see them; `elapsed` is so far. Borrowed for the call. Unlike
 * its neighbours it may be called in any thread. */
KM_API void km_profiler_each_running(km_wsgi_app *middleware,
				     void (*visit)(void *context, pid_t pid,
						   const km_profile_facts *facts),
				     void *context);
/* Frees the recordings of `pid` unread. */
KM_API void km_profiler_forget(km_wsgi_app *middleware, pid_t pid);
/* Prints the stack of each request that `pid` is running, innermost call first, while `pid` stands
 * still (it crashed, and waits). Returns how many. */
KM_API size_t km_profiler_print_stack(km_wsgi_app *middleware, pid_t pid, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
