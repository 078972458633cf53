#include "tests/bench/request/handler.h"

static int hello(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "Hello, World!");
}

static int echo(km_request *req, km_response *res)
{
	km_str body = km_request_body(req);

	return km_bytes(res, 200, "application/octet-stream", body.ptr, body.len);
}

km_app *bench_app_new(void)
{
	km_app *app = km_app_new("bench");

	km_get(app, "/hello", hello);
	km_route(app, "*", "/", echo);
	km_route(app, "*", "/<path:rest>", echo);
	return app;
}
