/* WSGI in C: the contract between server, middleware and application (PEP 3333).
 *
 * A server calls `app->call(app, environ, start_response)`. The application calls start_response
 * once with status and headers and returns a body, an iterator that the server pulls chunk by chunk
 * as the socket drains and closes exactly once, also when the peer went away. Middleware is an
 * application that embeds km_wsgi_app and holds the inner one.
 *
 * Lifetime: environ, start_response and everything reached from them live until the body was
 * closed. Threads: one request is served by one thread at a time. */
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
	 * body's first chunk. Returns a body that the caller closes, or NULL for an error, after
	 * which the server answers 500. */
	km_body *(*call)(km_wsgi_app *self, km_environ *environ, km_start_response *start_response);
	/* Frees the application, and for middleware the one inside; NULL when there is nothing to
	 * free. */
	void (*free)(km_wsgi_app *self);
};

struct km_start_response {
	/* Sets status (100 to 999) and headers. Names and values are copied; a name that is no
	 * token, or a value with CR, LF, NUL or another control byte but tab, is refused with
	 * KM_EINVAL (no header injection).
	 * May be called again to replace the answer until the first byte was sent (PEP 3333's
	 * exc_info case); after that returns KM_ESTATE. */
	int (*call)(km_start_response *self, int status, const km_header *headers, size_t count);
};

struct km_body {
	/* Sets `chunk` to the next bytes, borrowed until the next call on this body. Returns 1 for
	 * a chunk (an empty one is allowed), 0 at the end, KM_E* for an error, after which the
	 * connection is closed so that the peer sees that the answer is cut short. */
	int (*next)(km_body *self, km_str *chunk);
	/* Called exactly once when the server is done with the body, finished or not. May be NULL.
	 */
	void (*close)(km_body *self);
	/* Bytes in all when known before the first pull, else -1. A server adds Content-Length from
	 * it where the application gave none. */
	int64_t length;
};

/* --- environ: the request as WSGI variables. A view: a variable costs nothing until asked for.
 *
 * Strings: REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING CONTENT_TYPE CONTENT_LENGTH
 * SERVER_NAME SERVER_PORT SERVER_PROTOCOL REMOTE_ADDR REMOTE_PORT HTTP_<NAME>, wsgi.version "1.0",
 * wsgi.url_scheme, and "1" or "0" for wsgi.multithread, wsgi.multiprocess and wsgi.run_once.
 * wsgi.input and wsgi.errors are the functions below. PATH_INFO is percent-decoded.
 * The application sets komori.route to the pattern that matched, middleware sets what it likes. */

/* The value, or {NULL, 0} when absent. CONTENT_TYPE and CONTENT_LENGTH are absent when the request
 * has no such header. Several headers of one name are joined with "," (RFC 9110 section 5.3). A
 * header whose name contains "_" is not shown: it would pass for the one with "-". */
KM_API km_str km_environ_get(km_environ *environ, const char *name);
/* Sets or replaces a variable; name and value are copied. KM_ENOMEM, or KM_EINVAL for a NULL. */
KM_API int km_environ_set(km_environ *environ, const char *name, km_str value);
/* Calls `visit` for every variable until it returns non-zero, and returns that. Order: PEP 3333's
 * list, then headers as received, then what was set. */
KM_API int km_environ_each(km_environ *environ,
			   int (*visit)(void *context, km_str name, km_str value), void *context);
/* A pointer that middleware hands to inner layers under a name of its own; NULL when absent. */
KM_API void *km_environ_pointer(km_environ *environ, const char *name);
KM_API int km_environ_set_pointer(km_environ *environ, const char *name, void *pointer);
/* Zeroed memory that lives as long as the request; NULL when memory ran out. */
KM_API void *km_environ_alloc(km_environ *environ, size_t size);
/* wsgi.input: reads up to `size` bytes of the request's body. Returns the count, 0 at the end, or
 * KM_E*. */
KM_API ssize_t km_environ_read(km_environ *environ, void *bytes, size_t size);
/* wsgi.errors: writes one line for the server's operator; control bytes come out escaped. */
KM_API void km_environ_error(km_environ *environ, const char *format, ...) KM_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
