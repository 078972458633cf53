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
 * A bare WSGI callable becomes one by km_app_wrap(app, callable), without routes. */
#ifndef KOMORI_APPLICATION_H
#define KOMORI_APPLICATION_H

#include <komori/komori.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KM_APPLICATION_MARK "km_app\n"

/* What the object exports under the application's name: whoever loads it can tell it from any other
 * symbol, and for which version it was compiled. */
typedef struct km_application {
	char mark[8];	       /* KM_APPLICATION_MARK */
	char version[24];      /* KM_VERSION, "" behind its end */
	km_app *(*make)(void); /* once a process; the caller frees it. NULL: memory ran out */
} km_application;

/* Begins the function that makes the application, and exports `name`. A program may call it as
 * name.make() and hand the result to km_main. */
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

/* --- What an application holds --- */

/* The line about the first error of its set-up calls, for which km_main refuses to run; borrowed.
 * NULL when there was none. */
KM_API const char *km_app_error(const km_app *app);

typedef struct km_route_facts {
	const char *methods; /* "GET POST", or "*"; borrowed for the call */
	const char *rule;    /* as registered */
	km_handler handler;
} km_route_facts;

/* Calls `visit` for each route, until it returns non-zero, and returns that. A route that wins over
 * another for some path comes before it. Or KM_ENOMEM. */
KM_API int km_app_each_route(const km_app *app,
			     int (*visit)(void *context, const km_route_facts *route),
			     void *context);

#ifdef __cplusplus
}
#endif
#endif
