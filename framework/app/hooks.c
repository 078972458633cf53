#include "framework/app/hooks.h"

#include "framework/app/app.h"

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

	if (failed)
		return failed;
	app->hooks.lost = (km_lost_hook){hook, context};
	return 0;
}

int km_on_request_timeout(km_app *app, void (*hook)(void *context, const km_worker_facts *facts),
			  void *context)
{
	int failed = km_app_may_change(app, "km_on_request_timeout");

	if (failed)
		return failed;
	app->hooks.timeout = (km_lost_hook){hook, context};
	return 0;
}
