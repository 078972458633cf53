/* Komori: a small WSGI-style web framework with a built-in profiler.
 *
 *	static int hello(km_request *req, km_response *res)
 *	{
 *		return km_text(res, 200, "Hello, World!");
 *	}
 *
 *	int main(int argc, char **argv)
 *	{
 *		km_app *app = km_app_new("hello");
 *		km_get(app, "/", hello);
 *		return km_main(app, argc, argv);
 *	}
 *
 * Set-up functions return 0 or KM_E* and also latch the first error in the app; km_main prints it
 * and refuses to run, so a program need not check each call. */
#ifndef KOMORI_KOMORI_H
#define KOMORI_KOMORI_H

#include <komori/base.h>
#include <komori/profiler_middleware.h>
#include <komori/wsgi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct km_app km_app;
typedef struct km_request km_request;
typedef struct km_response km_response;

/* Answers one request. Returns 0 after it filled the response, or KM_E* for a 500 (KM_ENOENT: 404,
 * KM_EINVAL: 400, KM_ELIMIT: 413). What a handler itself got wrong, such as a text that is NULL, is
 * a 500 with a line on the log, whatever it returns. */
typedef int (*km_handler)(km_request *req, km_response *res);

/* --- Application ------------------------------------------------------------------------- *
 *
 * All of it is set up before km_main. Once the application serves, these calls and km_config_set,
 * km_config_define and km_on_* change nothing: a line on the log, and KM_ESTATE (km_main: 1). */

/* `name` is copied. NULL only when memory ran out; every function here accepts that NULL and
 * returns KM_ENOMEM, so that km_main reports it. */
KM_API km_app *km_app_new(const char *name);
/* Frees the app and the middleware around it. Accepts NULL. km_main frees the app itself. */
KM_API void km_app_free(km_app *app);

/* Routes. `rule` starts with "/" and may hold parameters: "/users/<name>" (one non-empty segment),
 * "/items/<int:id>" (decimal digits), "/files/<path:rest>" (the rest, slashes too; last only).
 * Literal segments win over <int:>, that over <name>, that over <path:>. A GET route answers HEAD;
 * OPTIONS and 405 with Allow are made from the routes. KM_EINVAL for a malformed rule or method, or
 * for a method and rule registered twice. */
KM_API int km_get(km_app *app, const char *rule, km_handler handler);
KM_API int km_post(km_app *app, const char *rule, km_handler handler);
KM_API int km_put(km_app *app, const char *rule, km_handler handler);
KM_API int km_patch(km_app *app, const char *rule, km_handler handler);
KM_API int km_delete(km_app *app, const char *rule, km_handler handler);
/* Several methods at once, in capitals: "GET POST" or "GET,POST", or "*" for any. */
KM_API int km_route(km_app *app, const char *methods, const char *rule, km_handler handler);

/* The application as WSGI callable, as wrapped so far. Owned by the app. */
KM_API km_wsgi_app *km_app_wsgi(km_app *app);
/* Makes `middleware`, which holds km_app_wsgi(app), the app's callable, as
 * `app.wsgi_app = Middleware(app.wsgi_app)` does in Flask. The app owns it from then on. A NULL
 * middleware is latched as KM_ENOMEM. */
KM_API int km_app_wrap(km_app *app, km_wsgi_app *middleware);

/* --- Configuration ----------------------------------------------------------------------- *
 *
 * One rule for every option: X_Y in code is KOMORI_X_Y in the environment and --x-y on the command
 * line. The command line wins over the environment, that over code. docs/configuration.md lists
 * them all. Switches take 1/0, true/false, yes/no, on/off; on the command line --x-y and --no-x-y.
 */

/* Sets an option; checked here as well, so a bad value is latched with the line that tells what is
 * allowed. KM_ENOENT for an unknown name, KM_EINVAL for a bad value. */
KM_API int km_config_set(km_app *app, const char *name, const char *value);
/* The value in force, borrowed until the next set; NULL for an unknown name. */
KM_API const char *km_config_get(km_app *app, const char *name);
/* Declares an option of the program's own, so that the one rule holds for it as well. All strings
 * are copied; `help` is its line in --help. KM_EINVAL when the name exists or is not A-Z, 0-9, _.
 */
KM_API int km_config_define(km_app *app, const char *name, const char *value, const char *help);

/* Names the profiles that PROFILE_DIR collects, instead of PROFILE_FILENAME; see
 * km_profile_filename. NULL: by PROFILE_FILENAME again. */
KM_API int km_profile_filename_set(km_app *app, km_profile_filename filename, void *context);

/* --- Workers ------------------------------------------------------------------------------ *
 *
 * km_main keeps WORKERS processes at work that serve requests; docs/workers.md. */

/* What is known of a worker that was lost. Strings are borrowed for the call; those of the request
 * are NULL when the worker was not serving one. */
typedef struct km_worker_facts {
	long pid;
	const char *reason; /* "killed: SIGKILL after 2.0 s", "exited with status 3" */
	int signal;	    /* that ended it; 0: it exited */
	int exit_status;    /* of one that exited */
	double time;	    /* of its end, seconds since the epoch */
	const char *method, *target, *route;
	double elapsed; /* seconds since the request began */
	/* The handler that was called; NULL, NULL, 0 when none was. */
	const char *handler, *file;
	int line;
	const char *json; /* all of it as one JSON object, as ON_EVENT gets it */
} km_worker_facts;

/* Called in each worker before it serves its first request: the place to open what must not be
 * shared between processes. Non-zero when the worker cannot work; it then exits, and another one is
 * tried later. One hook an app; NULL for none. Returns 0, or KM_ENOMEM without an app. */
KM_API int km_on_worker_start(km_app *app, int (*hook)(void *context), void *context);
/* Called when a worker crashed, was killed or exited by itself, in a process made for the call: it
 * may take its time, and what it changes in memory is gone afterwards. */
KM_API int km_on_worker_lost(km_app *app, void (*hook)(void *context, const km_worker_facts *facts),
			     void *context);
/* The same, when it is lost because a request ran longer than TIMEOUT; km_on_worker_lost's hook is
 * called as well, after it. */
KM_API int km_on_request_timeout(km_app *app,
				 void (*hook)(void *context, const km_worker_facts *facts),
				 void *context);

/* Reads the environment and the command line, checks everything, serves until SIGINT or SIGTERM,
 * frees the app. Returns the exit status: 0, 1 when no worker served, 2 for bad usage, 130 after
 * a second SIGINT. Serves in processes of its own (WORKERS), which exit without returning from
 * here; call it before threads are started. */
KM_API int km_main(km_app *app, int argc, char **argv);

/* --- Request: borrowed views, valid until the response is done ------------------------------ */

/* "GET"; never NULL. */
KM_API const char *km_request_method(const km_request *req);
/* The decoded path; never NULL. */
KM_API const char *km_request_path(const km_request *req);
/* The pattern of the route that matched, as registered; never NULL. */
KM_API const char *km_request_route(const km_request *req);
/* Everything after "?", raw; "" when there is none. */
KM_API const char *km_request_query_string(const km_request *req);
/* The first query parameter of that name, decoded ("+" is a space; a broken escape and %00 stay as
 * they are); NULL when absent. */
KM_API const char *km_request_query(km_request *req, const char *name);
/* The header's value, names compared without case; NULL when absent. */
KM_API const char *km_request_header(km_request *req, const char *name);
/* The parameter <name> of the route, decoded; NULL when the route has none of that name. */
KM_API const char *km_request_param(const km_request *req, const char *name);
/* The whole body; empty with non-NULL ptr when there is none, {NULL, 0} when it could not be read.
 */
KM_API km_str km_request_body(km_request *req);
KM_API km_environ *km_request_environ(km_request *req);
/* The application that serves it, for km_config_get. */
KM_API km_app *km_request_app(const km_request *req);
/* Zeroed memory freed with the request; NULL when memory ran out. */
KM_API void *km_request_alloc(km_request *req, size_t size);

/* --- Response: a handler calls one of these, and returns what it returns --------------------- */

/* text/plain; charset=utf-8. The text is copied. Status 200 to 599, else KM_EINVAL. */
KM_API int km_text(km_response *res, int status, const char *text);
KM_API int km_textf(km_response *res, int status, const char *format, ...) KM_PRINTF(3, 4);
/* text/html; charset=utf-8: the caller escapes. */
KM_API int km_html(km_response *res, int status, const char *html);
/* application/json: text that is JSON already. */
KM_API int km_json(km_response *res, int status, const char *json);
/* Any bytes, copied. */
KM_API int km_bytes(km_response *res, int status, const char *content_type, const void *bytes,
		    size_t len);
/* Status with the framework's standard body for it. */
KM_API int km_error(km_response *res, int status);
/* 301, 302, 303, 307 or 308 with Location; bytes that no URI may hold are percent-encoded.
 * KM_EINVAL for CR or LF in it, or NULL. */
KM_API int km_redirect(km_response *res, int status, const char *location);
/* A streamed answer: `next` is pulled as the socket drains (see km_body.next; `chunk` stays valid
 * until the next pull), `close` runs exactly once, also when this call fails, and may be NULL. */
KM_API int km_stream(km_response *res, int status, const char *content_type,
		     int (*next)(void *context, km_str *chunk), void (*close)(void *context),
		     void *context);
/* Sets or replaces a header of the answer, before or after the calls above; both are copied.
 * KM_EINVAL for a value with CR, LF or another control byte but tab; a name that is no token is the
 * handler's mistake. */
KM_API int km_response_header(km_response *res, const char *name, const char *value);
/* The same, but keeps headers of that name that are there (Set-Cookie). */
KM_API int km_response_header_add(km_response *res, const char *name, const char *value);

#ifdef __cplusplus
}
#endif
#endif
