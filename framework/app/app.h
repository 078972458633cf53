/* The application object behind komori/komori.h. */
#ifndef KM_APP_APP_H
#define KM_APP_APP_H

#include <komori/komori.h>

#include "config.h"
#include "hooks.h"
#include "router.h"

struct km_app {
	km_wsgi_app dispatch; /* the innermost callable; first member */
	km_wsgi_app *wsgi;    /* `dispatch` with the middleware around it */
	char *name;
	km_router router;
	km_config config;
	km_profile_filename filename; /* of km_profile_filename_set; NULL: PROFILE_FILENAME */
	void *filename_context;
	km_hooks hooks;
	bool tool; /* komori's own, no application of a user's: reads no environment */
	int error; /* the first that a set-up call met, with its line */
	char error_text[512];
};

/* Keeps the first error of set-up; returns `error`. */
int km_app_fail(km_app *app, int error, const char *format, ...) KM_PRINTF(3, 4);
/* km_wsgi_app.call of `dispatch`: routes the request, calls the handler, answers what no handler
 * answers. */
km_body *km_app_dispatch(km_wsgi_app *self, km_environ *environ, km_start_response *start_response);

#endif
