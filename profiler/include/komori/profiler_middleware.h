/* The profiler as WSGI middleware, after Werkzeug's ProfilerMiddleware: every request that passes is
 * recorded, its table printed, its profile written. `PROFILE=1` puts it around an app by itself; a
 * program can also wrap any WSGI application by hand:
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
	FILE *stream;                 /* where tables go; NULL: stdout. Borrowed */
	bool silent;                  /* no tables */
	const char *sort_by;          /* NULL: "time,calls" */
	const char *restrictions;     /* NULL: none */
	const char *profile_dir;      /* NULL: no dumps. Made when missing */
	const char *filename_format;  /* NULL: KM_PROFILER_FILENAME_FORMAT */
	km_profile_filename filename; /* instead of filename_format when set */
	void *filename_context;
	size_t memory;                /* bytes one recording may take; 0: 256 MiB */
} km_profiler_options;

/* 0 when `format` is a file name as Python's str.format takes it, with the fields {method}, {path}
 * (without slashes at its ends, inner ones as ".", or "root"), {elapsed} (milliseconds) and {time}
 * (seconds since the epoch, at the end), each with an optional format spec ({elapsed:08.2f}). Else
 * KM_EINVAL, and `error` says in one line what is allowed. */
KM_API int km_profiler_check_filename(const char *format, char *error, size_t error_size);

/* Middleware around `inner`, which it owns from then on. NULL when memory ran out, an option is bad
 * or the probe cannot be used here; then `inner` is still the caller's and `error` (which may be NULL)
 * says why in one line. `options` may be NULL. Not to be called while threads run. */
KM_API km_wsgi_app *km_profiler_middleware_new(km_wsgi_app *inner, const km_profiler_options *options,
					       char *error, size_t error_size);

#ifdef __cplusplus
}
#endif
#endif
