/* The application object behind komori/komori.h. */
#ifndef KM_APP_APP_H
#define KM_APP_APP_H

#include <komori/komori.h>

#include "framework/app/config.h"
#include "framework/app/router.h"

typedef struct km_lost_hook {
	void (*call)(void *context, const km_worker_facts *facts); /* NULL: none */
	void *context;
} km_lost_hook;

/* Functions of the program that run on events of its workers. */
typedef struct km_hooks {
	int (*start)(void *context); /* NULL: none */
	void *start_context;
	km_lost_hook lost, timeout;
} km_hooks;

struct km_app {
	km_wsgi_app dispatch; /* the innermost callable; first member */
	km_wsgi_app *wsgi;    /* `dispatch` with the middleware around it */
	char *name;
	km_router router;
	km_config config;
	km_profile_filename filename; /* of km_profile_filename_set; NULL: PROFILE_FILENAME */
	void *filename_context;
	km_hooks hooks;
	bool serving; /* set-up calls are refused */
	bool tool;    /* of km_app_make_tool */
	int error;    /* the first one of a set-up call, with its text */
	char error_text[512];
};

/* Checks that `call`, a set-up call, may change the app. Returns 0, KM_ENOMEM without an app, or
 * KM_ESTATE, with a line on the log, while it serves. */
int km_app_may_change(const km_app *app, const char *call);
/* Keeps the first error of set-up. Returns `error`. */
int km_app_fail(km_app *app, int error, const char *format, ...) KM_PRINTF(3, 4);
/* Makes km_main ignore the environment: the komori command is not an application of a user. */
KM_API void km_app_make_tool(km_app *app);
/* km_wsgi_app.call of `dispatch`: finds the route, calls its handler, and responds where there is
 * no handler. */
km_body *km_app_dispatch(km_wsgi_app *self, km_environ *environ, km_start_response *start_response);

#endif
