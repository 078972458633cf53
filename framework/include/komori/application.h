/* Applications in shared objects, which `komori run` serves and `komori routes` lists:
 *
 *	#include <komori/application.h>
 *
 *	KM_APPLICATION(application)
 *	{
 *		km_app *app = km_app_new("hello");
 *		km_get(app, "/", hello);
 *		return app;
 *	}
 *
 * km_app_wrap(app, callable) makes a WSGI callable an application without routes. */
#ifndef KOMORI_APPLICATION_H
#define KOMORI_APPLICATION_H

#include <komori/komori.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KM_APPLICATION_MARK "km_app\n"

/* The symbol that the object exports under the application's name. `mark` tells it from any other
 * symbol, `version` is the Komori that it was compiled for. */
typedef struct km_application {
	char mark[8];	       /* KM_APPLICATION_MARK */
	char version[24];      /* KM_VERSION, padded with zeros */
	km_app *(*make)(void); /* called once; the caller frees the app. NULL: no memory */
} km_application;

/* Begins the function that makes the application, and exports `name`. A program may pass the result
 * of name.make() to km_main. */
#define KM_APPLICATION(name)                                                                       \
	static km_app *name##_make(void);                                                          \
	KM_APPLICATION_LINKAGE KM_API const km_application name;                                   \
	const km_application name = {KM_APPLICATION_MARK, KM_VERSION, name##_make};                \
	static km_app *name##_make(void)
#ifdef __cplusplus
#define KM_APPLICATION_LINKAGE extern "C"
#else
#define KM_APPLICATION_LINKAGE extern
#endif

/* --- Contents of an application --- */

/* Returns the text of the first error of a set-up call, for which km_main does not start; borrowed.
 * NULL without an error. */
KM_API const char *km_app_error(const km_app *app);

typedef struct km_route_facts {
	const char *methods; /* "GET POST", or "*"; borrowed for the call */
	const char *rule;    /* as registered */
	km_handler handler;
} km_route_facts;

/* Calls `visit` for each route until it returns non-zero, and returns that. Of two routes that
 * match the same path, visits the one that serves it first. Returns KM_ENOMEM when memory ran out.
 */
KM_API int km_app_each_route(const km_app *app,
			     int (*visit)(void *context, const km_route_facts *route),
			     void *context);

#ifdef __cplusplus
}
#endif
#endif
