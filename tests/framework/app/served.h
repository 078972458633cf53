/* Serves one request to a WSGI application without a socket, and keeps the response as text. */
#ifndef TESTS_FRAMEWORK_APP_SERVED_H
#define TESTS_FRAMEWORK_APP_SERVED_H

#include <komori/komori.h>

struct served {
	int status;	    /* 0 without start_response */
	int64_t length;	    /* of the body */
	int error;	    /* of the body's next, or KM_ECLOSED for a NULL body */
	char headers[2048]; /* "Name: value\n" each */
	char content[8192];
	int chunks;
};

/* Serves a request. `target` is path?query, already decoded; `fields` is "Name: value\n" lines or
 * NULL; `body` may be NULL. Pulls at most `pulls` chunks, all when negative, then closes the body.
 * The result lives until the next call. */
const struct served *serve(km_wsgi_app *app, const char *method, const char *target,
			   const char *fields, const char *body, int pulls);
/* Serves a GET, and pulls all chunks. */
const struct served *get(km_wsgi_app *app, const char *target);

#endif
