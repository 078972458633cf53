/* Serves one request to a WSGI application without a socket, and keeps the answer as text. */
#ifndef TESTS_FRAMEWORK_APP_SERVED_H
#define TESTS_FRAMEWORK_APP_SERVED_H

#include <komori/komori.h>

struct served {
	int status;	    /* 0: start_response was not called */
	int64_t length;	    /* of the body */
	int error;	    /* of the body's next, or KM_ECLOSED for a NULL body */
	char headers[2048]; /* "Name: value\n" each */
	char content[8192];
	int chunks;
};

/* `target` is path?query, taken as decoded; `fields` is "Name: value\n" lines or NULL; `body` may
 * be NULL. Pulls at most `pulls` chunks, all when negative, then closes. The result lives until the
 * next call. */
const struct served *serve(km_wsgi_app *app, const char *method, const char *target,
			   const char *fields, const char *body, int pulls);
/* All of it. */
const struct served *get(km_wsgi_app *app, const char *target);

#endif
