/* The middleware of apps/server_timing and the profiler, in the order that the first argument
 * names. For order.t. */
#include <komori/komori.h>

#include <string.h>

#include "apps/server_timing/server_timing.h"

static int answer(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "answer\n");
}

static void wrap(km_app *app, int timing)
{
	km_wsgi_app *inner = km_app_wsgi(app);

	km_app_wrap(app, timing ? server_timing_new(inner)
				: km_profiler_middleware_new(inner, NULL, NULL, 0));
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("order");
	int timing_first = argc > 1 && strcmp(argv[1], "timing-inside") == 0;

	km_get(app, "/", answer);
	wrap(app, timing_first);
	wrap(app, !timing_first);
	return km_main(app, argc - 1, argv + 1);
}
