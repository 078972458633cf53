#include <komori/application.h>
#include <stdlib.h>

#ifndef WORD
#define WORD "bats"
#endif

static int bat(km_request *req, km_response *res)
{
	for (int i = 0; i < 7; i++)
		(void)random();
	return km_textf(res, 200, "%s %s %s", WORD, km_request_param(req, "name"),
			km_config_get(km_request_app(req), "CAVE"));
}

static int rest(km_request *req, km_response *res)
{
	return km_text(res, 200, km_request_param(req, "rest"));
}

KM_APPLICATION(application)
{
	km_app *app = km_app_new("bats");

	km_config_define(app, "CAVE", "Lascaux", "where they live");
	km_route(app, "*", "/bats/<name>", bat);
	km_get(app, "/bats/<name>", bat);
	km_route(app, "PUT DELETE", "/bats/brown", bat);
	km_get(app, "/", rest);
	km_get(app, "/caves/<path:rest>", rest);
	km_get(app, "/caves/<rest>", rest);
	km_get(app, "/caves/<int:rest>", rest);
	km_get(app, "/caves/<rest>/map", rest);
	return app;
}

/* A WSGI callable without a km_app's routes: the request's path, as body. */
static int next(km_body *body, km_str *chunk)
{
	const km_str *path = (const km_str *)(body + 1);
	bool first = body->length == (int64_t)path->len;

	*chunk = *path;
	body->length = -1;
	return first;
}

static km_body *call(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	km_body *body = km_environ_alloc(environ, sizeof *body + sizeof(km_str));

	(void)self;
	if (!body || start_response->call(start_response, 200, NULL, 0))
		return NULL;
	km_str *path = (km_str *)(body + 1);
	*path = km_environ_get(environ, "PATH_INFO");
	*body = (km_body){.next = next, .length = (int64_t)path->len};
	return body;
}

static km_wsgi_app bare_callable = {.call = call};

KM_APPLICATION(bare)
{
	km_app *app = km_app_new("bare");

	km_app_wrap(app, &bare_callable);
	return app;
}
