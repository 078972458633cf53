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
 * Set-up functions return 0 or KM_E*, and the app keeps the first error. km_main prints it and does
 * not start, so that a program need not check each call. */
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

/* Responds to one request. Returns 0 after it filled the response, or KM_E* for a 500 (KM_ENOENT:
 * 404, KM_EINVAL: 400, KM_ELIMIT: 413). An invalid argument to a response function, such as a NULL
 * text, is a 500 with a line on the log, whatever the handler returns. */
typedef int (*km_handler)(km_request *req, km_response *res);

/* --- Application ------------------------------------------------------------------------- *
 *
 * A program sets up the application before km_main. While the application serves, these calls,
 * km_config_set, km_config_define and km_on_* log a line and return KM_ESTATE (km_main: 1). */

/* Makes an application; copies `name`. Returns NULL when memory ran out. Every function here
 * accepts that NULL and returns KM_ENOMEM, so that km_main reports it. */
KM_API km_app *km_app_new(const char *name);
/* Frees the app and the middleware around it. Accepts NULL. km_main frees the app that it gets. */
KM_API void km_app_free(km_app *app);

/* Add a route. `rule` starts with "/" and may hold parameters: "/users/<name>" (one non-empty
 * segment),
 * "/items/<int:id>" (decimal digits), "/files/<path:rest>" (the rest, with slashes; last only). A
 * literal segment takes precedence over <int:>, then <name>, then <path:>. A GET route also serves
 * HEAD. The framework responds to OPTIONS, and with 405 and Allow, from the routes. Return
 * KM_EINVAL for a malformed rule or method, and for a method and rule that a route has already. */
KM_API int km_get(km_app *app, const char *rule, km_handler handler);
KM_API int km_post(km_app *app, const char *rule, km_handler handler);
KM_API int km_put(km_app *app, const char *rule, km_handler handler);
KM_API int km_patch(km_app *app, const char *rule, km_handler handler);
KM_API int km_delete(km_app *app, const char *rule, km_handler handler);
/* Adds a route for several methods, in capitals: "GET POST" or "GET,POST", or "*" for any. */
KM_API int km_route(km_app *app, const char *methods, const char *rule, km_handler handler);

/* Returns the application as a WSGI callable, with the middleware so far. The app owns it. */
KM_API km_wsgi_app *km_app_wsgi(km_app *app);
/* Makes `middleware` the app's callable, as `app.wsgi_app = Middleware(app.wsgi_app)` does in
 * Flask. The middleware holds km_app_wsgi(app). The app takes ownership. A NULL middleware is
 * KM_ENOMEM. */
KM_API int km_app_wrap(km_app *app, km_wsgi_app *middleware);

/* --- Configuration ----------------------------------------------------------------------- *
 *
 * An option X_Y in code is KOMORI_X_Y in the environment and --x-y on the command line. The command
 * line overrides the environment, which overrides code. Switches take 1/0, true/false, yes/no,
 * on/off; on the command line --x-y and --no-x-y. docs/configuration.md lists all options. */

/* Checks the value, and sets an option. Returns KM_ENOENT for an unknown name, and KM_EINVAL for a
 * value that is not allowed; the app keeps a text that says what is. */
KM_API int km_config_set(km_app *app, const char *name, const char *value);
/* Returns the current value, borrowed until the next set; NULL for an unknown name. */
KM_API const char *km_config_get(km_app *app, const char *name);
/* Defines an option of the program, for code, environment and command line. Copies all strings;
 * `help` is its line in --help. Returns KM_EINVAL when the name exists or is not of A-Z, 0-9 and _.
 */
KM_API int km_config_define(km_app *app, const char *name, const char *value, const char *help);

/* Sets the function that names the profiles in PROFILE_DIR; see km_profile_filename. NULL: the
 * option PROFILE_FILENAME names them. */
KM_API int km_profile_filename_set(km_app *app, km_profile_filename filename, void *context);

/* --- Workers ------------------------------------------------------------------------------ *
 *
 * km_main runs WORKERS processes that serve requests; see docs/workers.md. */

/* The facts of a lost worker. Strings are borrowed for the call. Those of the request are NULL when
 * the worker served none. */
typedef struct km_worker_facts {
	long pid;
	const char *reason; /* "killed: SIGKILL after 2.0 s", "exited with status 3" */
	int signal;	    /* that killed it; 0: it exited */
	int exit_status;    /* when it exited */
	double time;	    /* of its end, in seconds since the epoch */
	const char *method, *target, *route;
	double elapsed; /* seconds since the request began */
	/* The handler of the request; NULL, NULL, 0 before its call. */
	const char *handler, *file;
	int line;
	const char *json; /* all facts as one JSON object, as ON_EVENT reads it */
} km_worker_facts;

/* Sets the hook that each worker calls before its first request, for example to open connections
 * that processes must not share. When the hook returns non-zero, the worker exits, and the master
 * starts another one later. An app has one hook; NULL removes it. Returns 0, or KM_ENOMEM without
 * an app. */
KM_API int km_on_worker_start(km_app *app, int (*hook)(void *context), void *context);
/* Sets the hook for a worker that crashed, was killed or exited by itself. The hook runs in a
 * process made for the call: it may take long, and its changes to memory are lost. */
KM_API int km_on_worker_lost(km_app *app, void (*hook)(void *context, const km_worker_facts *facts),
			     void *context);
/* Sets the hook for a worker whose request ran longer than TIMEOUT. The hook of km_on_worker_lost
 * runs after it. */
KM_API int km_on_request_timeout(km_app *app,
				 void (*hook)(void *context, const km_worker_facts *facts),
				 void *context);

/* Reads the environment and the command line, checks all options, serves until SIGINT or SIGTERM,
 * and frees the app. Returns the exit status: 0, 1 when no worker served, 2 for bad usage, 130
 * after a second SIGINT. Worker processes exit without returning from here. Call it before the
 * program starts threads. */
KM_API int km_main(km_app *app, int argc, char **argv);

/* --- Request: borrowed views, valid until the response is done ------------------------------ */

/* Returns the method, such as "GET"; never NULL. */
KM_API const char *km_request_method(const km_request *req);
/* Returns the decoded path; never NULL. */
KM_API const char *km_request_path(const km_request *req);
/* Returns the rule of the route that matched, as registered; never NULL. */
KM_API const char *km_request_route(const km_request *req);
/* Returns the raw text after "?"; "" without one. */
KM_API const char *km_request_query_string(const km_request *req);
/* Returns the first query parameter with that name, decoded; NULL when absent. "+" is a space; a
 * broken escape and %00 stay as they are. */
KM_API const char *km_request_query(km_request *req, const char *name);
/* Returns the value of a header, named in any case; NULL when absent. */
KM_API const char *km_request_header(km_request *req, const char *name);
/* Returns the parameter <name> of the route, decoded; NULL when the route has none with that name.
 */
KM_API const char *km_request_param(const km_request *req, const char *name);
/* Returns the whole body; empty with a non-NULL ptr without a body, {NULL, 0} when reading failed.
 */
KM_API km_str km_request_body(km_request *req);
KM_API km_environ *km_request_environ(km_request *req);
/* Returns the application, for km_config_get. */
KM_API km_app *km_request_app(const km_request *req);
/* Returns zeroed memory that is freed with the request; NULL when memory ran out. */
KM_API void *km_request_alloc(km_request *req, size_t size);

/* --- Response: a handler calls one of these, and returns its result -------------------------- */

/* Responds with text/plain; charset=utf-8; copies the text. The status is 200 to 599, else
 * KM_EINVAL. */
KM_API int km_text(km_response *res, int status, const char *text);
KM_API int km_textf(km_response *res, int status, const char *format, ...) KM_PRINTF(3, 4);
/* Responds with text/html; charset=utf-8. The caller escapes. */
KM_API int km_html(km_response *res, int status, const char *html);
/* Responds with application/json; `json` is valid JSON. */
KM_API int km_json(km_response *res, int status, const char *json);
/* Responds with any bytes; copies them. */
KM_API int km_bytes(km_response *res, int status, const char *content_type, const void *bytes,
		    size_t len);
/* Responds with a status, and its phrase as text. */
KM_API int km_error(km_response *res, int status);
/* Responds with 301, 302, 303, 307 or 308 and Location. Percent-encodes bytes that a URI cannot
 * hold. Returns KM_EINVAL for NULL, and for CR or LF in `location`. */
KM_API int km_redirect(km_response *res, int status, const char *location);
/* Responds with a stream. The server calls `next` as the socket drains; see km_body.next. `close`
 * runs exactly once, also when this call fails, and may be NULL. */
KM_API int km_stream(km_response *res, int status, const char *content_type,
		     int (*next)(void *context, km_str *chunk), void (*close)(void *context),
		     void *context);
/* Sets or replaces a header of the response, before or after the calls above; copies both strings.
 * Returns KM_EINVAL for a value with a control byte other than tab. A name that is not a token is
 * an invalid argument: see km_handler. */
KM_API int km_response_header(km_response *res, const char *name, const char *value);
/* Adds a header, and keeps others with that name, such as Set-Cookie. */
KM_API int km_response_header_add(km_response *res, const char *name, const char *value);

#ifdef __cplusplus
}
#endif
#endif
