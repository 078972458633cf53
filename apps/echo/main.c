/* Responds to any method on any path with the body of the request; GET /hello is for benchmarks. */
#include <komori/komori.h>

static int echo(km_request *req, km_response *res)
{
	const char *type = km_request_header(req, "Content-Type");
	km_str body = km_request_body(req);

	return km_bytes(res, 200, type ? type : "application/octet-stream", body.ptr, body.len);
}

static int hello(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "Hello, World!");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("echo");

	km_get(app, "/hello", hello);
	km_route(app, "*", "/", echo);
	km_route(app, "*", "/<path:rest>", echo);
	return km_main(app, argc, argv);
}
