/* WSGI in C: the contract between server, middleware and application (PEP 3333).
 *
 * A server calls `app->call(app, environ, start_response)`. The application calls start_response
 * with status and headers, and returns a body, an iterator. The server pulls its chunks as the
 * socket drains, and closes it exactly once, also when the client closed the connection. Middleware
 * is an application that embeds km_wsgi_app and holds the inner one.
 *
 * HEAD: an application responds as to GET, with the body and its length. The server sends the head
 * alone.
 *
 * Lifetime: environ, start_response and everything reached from them live until the body is closed.
 * Threads: one thread at a time serves a request. */
#ifndef KOMORI_WSGI_H
#define KOMORI_WSGI_H

#include <komori/base.h>
#include <stdbool.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct km_environ km_environ;
typedef struct km_body km_body;
typedef struct km_start_response km_start_response;
typedef struct km_wsgi_app km_wsgi_app;

struct km_wsgi_app {
	/* Serves one request. Calls start_response before it returns or, at the latest, before the
	 * body's first chunk. Returns a body, which the caller closes, or NULL for an error, to
	 * which the server responds with 500. */
	km_body *(*call)(km_wsgi_app *self, km_environ *environ, km_start_response *start_response);
	/* Frees the application; middleware frees the inner one as well. May be NULL. */
	void (*free)(km_wsgi_app *self);
};

struct km_start_response {
	/* Sets status (100 to 999) and headers; copies names and values. Returns KM_EINVAL for a
	 * name that is not a token, and for a value with a control byte other than tab, such as CR
	 * or LF, which could inject a header. Another call replaces the response (PEP 3333's
	 * exc_info case). Returns KM_ESTATE after the server sent the first byte. */
	int (*call)(km_start_response *self, int status, const km_header *headers, size_t count);
};

struct km_body {
	/* Sets `chunk` to the next bytes, borrowed until the next call on this body. Returns 1 for
	 * a chunk, which may be empty, 0 at the end, or KM_E* for an error. After an error the
	 * server closes the connection, so that the client sees that the response is incomplete. */
	int (*next)(km_body *self, km_str *chunk);
	/* Called exactly once, when the server needs no more of the body. May be NULL. */
	void (*close)(km_body *self);
	/* Total bytes, when known before the first pull, else -1. The server makes Content-Length
	 * from it when the application set none. */
	int64_t length;
};

/* --- environ: the request as WSGI variables. It is a view: a variable costs nothing until its get.
 *
 * Strings: REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING CONTENT_TYPE CONTENT_LENGTH
 * SERVER_NAME SERVER_PORT SERVER_PROTOCOL REMOTE_ADDR REMOTE_PORT HTTP_<NAME>, wsgi.version "1.0",
 * wsgi.url_scheme, and "1" or "0" for wsgi.multithread, wsgi.multiprocess and wsgi.run_once.
 * km_environ_read and km_environ_error are wsgi.input and wsgi.errors. PATH_INFO is
 * percent-decoded. The application sets komori.route to the pattern that matched. Middleware may
 * set variables. */

/* Returns the value, or {NULL, 0} when absent. CONTENT_TYPE and CONTENT_LENGTH are absent when the
 * request has no such header. Joins several headers of one name with "," (RFC 9110 section 5.3).
 * Hides a header whose name contains "_", because it would pass for the one with "-". */
KM_API km_str km_environ_get(km_environ *environ, const char *name);
/* Sets or replaces a variable; copies name and value. Returns 0, KM_ENOMEM, or KM_EINVAL for NULL.
 */
KM_API int km_environ_set(km_environ *environ, const char *name, km_str value);
/* Calls `visit` for every variable until it returns non-zero, and returns that. Order: PEP 3333's
 * list, headers as received, then variables that were set. Returns KM_ENOMEM when memory ran out.
 */
KM_API int km_environ_each(km_environ *environ,
			   int (*visit)(void *context, km_str name, km_str value), void *context);
/* Gets a pointer that outer middleware set for inner layers; NULL when absent. Pointers and
 * variables have separate names. */
KM_API void *km_environ_pointer(km_environ *environ, const char *name);
/* Sets or replaces a pointer; copies the name. Returns 0, KM_ENOMEM, or KM_EINVAL for a NULL name.
 */
KM_API int km_environ_set_pointer(km_environ *environ, const char *name, void *pointer);
/* Returns zeroed memory that lives as long as the request; NULL when memory ran out. */
KM_API void *km_environ_alloc(km_environ *environ, size_t size);
/* wsgi.input: reads up to `size` bytes of the request's body. Returns the count, 0 at the end, or
 * KM_E*. */
KM_API ssize_t km_environ_read(km_environ *environ, void *bytes, size_t size);
/* wsgi.errors: logs one line, with method and target before it; escapes control bytes. */
KM_API void km_environ_error(km_environ *environ, const char *format, ...) KM_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
