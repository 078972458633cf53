#include "framework/app/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "framework/base/log.h"

void km_app_make_tool(km_app *app)
{
	app->tool = true;
}

int km_app_may_change(const km_app *app, const char *call)
{
	if (!app)
		return KM_ENOMEM;
	if (!app->serving)
		return 0;
	km_log("%s is refused: the application is already serving", call);
	return KM_ESTATE;
}

int km_app_fail(km_app *app, int error, const char *format, ...)
{
	va_list args;

	if (app->error)
		return error;
	app->error = error;
	va_start(args, format);
	vsnprintf(app->error_text, sizeof app->error_text, format, args);
	va_end(args);
	return error;
}

km_app *km_app_new(const char *name)
{
	km_app *app = calloc(1, sizeof *app);

	if (!app)
		return NULL;
	app->dispatch.call = km_app_dispatch;
	app->wsgi = &app->dispatch;
	app->name = strdup(name && *name ? name : "app");
	if (!app->name || km_config_init(&app->config)) {
		km_app_free(app);
		return NULL;
	}
	return app;
}

void km_app_free(km_app *app)
{
	if (km_app_may_change(app, "km_app_free"))
		return;
	if (app->wsgi->free)
		app->wsgi->free(app->wsgi);
	km_router_finish(&app->router);
	km_config_finish(&app->config);
	free(app->name);
	free(app);
}

int km_route(km_app *app, const char *methods, const char *rule, km_handler handler)
{
	char error[256];
	int failed = km_app_may_change(app, "km_route");

	if (failed)
		return failed;
	failed = km_router_add(&app->router, methods, rule, handler, error, sizeof error);
	return failed ? km_app_fail(app, failed, "%s", error) : 0;
}

int km_get(km_app *app, const char *rule, km_handler handler)
{
	return km_route(app, "GET", rule, handler);
}

int km_post(km_app *app, const char *rule, km_handler handler)
{
	return km_route(app, "POST", rule, handler);
}

int km_put(km_app *app, const char *rule, km_handler handler)
{
	return km_route(app, "PUT", rule, handler);
}

int km_patch(km_app *app, const char *rule, km_handler handler)
{
	return km_route(app, "PATCH", rule, handler);
}

int km_delete(km_app *app, const char *rule, km_handler handler)
{
	return km_route(app, "DELETE", rule, handler);
}

km_wsgi_app *km_app_wsgi(km_app *app)
{
	return app ? app->wsgi : NULL;
}

int km_app_wrap(km_app *app, km_wsgi_app *middleware)
{
	int failed = km_app_may_change(app, "km_app_wrap");

	if (failed)
		return failed;
	if (!middleware)
		return km_app_fail(app, KM_ENOMEM,
				   "the middleware is NULL: out of memory or a bad option");
	app->wsgi = middleware;
	return 0;
}

int km_profile_filename_set(km_app *app, km_profile_filename filename, void *context)
{
	int failed = km_app_may_change(app, "km_profile_filename_set");

	if (failed)
		return failed;
	app->filename = filename;
	app->filename_context = context;
	return 0;
}

int km_on_worker_start(km_app *app, int (*hook)(void *context), void *context)
{
	int failed = km_app_may_change(app, "km_on_worker_start");

	if (failed)
		return failed;
	app->hooks.start = hook;
	app->hooks.start_context = context;
	return 0;
}

int km_on_worker_lost(km_app *app, void (*hook)(void *context, const km_worker_facts *facts),
		      void *context)
{
	int failed = km_app_may_change(app, "km_on_worker_lost");

	if (!failed)
		app->hooks.lost = (km_lost_hook){hook, context};
	return failed;
}

int km_on_request_timeout(km_app *app, void (*hook)(void *context, const km_worker_facts *facts),
			  void *context)
{
	int failed = km_app_may_change(app, "km_on_request_timeout");

	if (!failed)
		app->hooks.timeout = (km_lost_hook){hook, context};
	return failed;
}
