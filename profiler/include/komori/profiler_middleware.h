/* The profiler as WSGI middleware, after Werkzeug's ProfilerMiddleware: it records every request,
 * prints its table and writes its profile. `PROFILE=1` wraps an app in it. A program can also wrap
 * any WSGI application itself:
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

/* Writes a file name without directory, NUL-terminated, into `name`. Returns 0, or KM_E* when the
 * request gets no dump. The middleware replaces bytes that a file name cannot have. */
typedef int (*km_profile_filename)(void *context, const km_profile_facts *facts, char *name,
				   size_t size);

/* A zeroed struct has the defaults. Strings are copied. */
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
	/* How many requests at a time this process can recover when a process that was forked from
	 * it dies (km_profiler_recover). More requests are recorded, but cannot be recovered. */
	size_t shared_recordings;
	/* Called after each dump, by the thread that wrote it, after the response was sent. */
	void (*dumped)(void *context);
	void *dumped_context;
} km_profiler_options;

/* Checks a file name format, in the syntax of Python's str.format. Fields, each with an optional
 * format spec ({elapsed:08.2f}): {method}; {path}, without slashes at its ends, inner ones as ".",
 * or "root"; {elapsed}, milliseconds; {time}, seconds since the epoch when the request ended.
 * KM_EINVAL; then `error` says in one line what is allowed. */
KM_API int km_profiler_check_filename(const char *format, char *error, size_t error_size);

/* Makes middleware that owns `inner`. `options` and `error` may be NULL. Returns NULL when memory
 * ran out, an option is bad or the probe cannot be used here; then the caller still owns `inner`,
 * and `error` says why in one line. Call it before threads start. */
KM_API km_wsgi_app *km_profiler_middleware_new(km_wsgi_app *inner,
					       const km_profiler_options *options, char *error,
					       size_t error_size);

/* The functions below read the requests of processes that were forked after `middleware` was made.
 * They find none when `middleware` is not the profiler. All but km_profiler_each_running are for
 * one thread. */

/* Reports every request that `pid` was recording when it died at `died_ns` (CLOCK_MONOTONIC, 0:
 * now): closes the open calls, prints the table, the outcome and the stack at death, writes the
 * dump, and frees the recording. `outcome` ("killed: SIGKILL after 30.0 s") is for requests that
 * ran. A stream between two pulls is "lost", and a complete response keeps its own outcome. Call it
 * before the system can reuse `pid`: while the process is a zombie, or before the next fork. A
 * crash may have overwritten the memory, and not all of it can be checked: call it in a child, and
 * call km_profiler_forget when that child crashes. Returns how many requests it reported. */
KM_API size_t km_profiler_recover(km_wsgi_app *middleware, pid_t pid, const char *outcome,
				  int64_t died_ns);
/* Calls `visit` for each recoverable request that runs now, in this process or in another one of
 * the same parent. `facts` is valid during the call; `elapsed` is the time until now. Thread-safe.
 */
KM_API void km_profiler_each_running(km_wsgi_app *middleware,
				     void (*visit)(void *context, pid_t pid,
						   const km_profile_facts *facts),
				     void *context);
/* Frees the recordings of `pid` without reading them. */
KM_API void km_profiler_forget(km_wsgi_app *middleware, pid_t pid);
/* Prints the stack of each request that `pid` runs, innermost call first, while `pid` is stopped.
 * Returns how many it printed. */
KM_API size_t km_profiler_print_stack(km_wsgi_app *middleware, pid_t pid, FILE *stream);

#ifdef __cplusplus
}
#endif
#endif
