#include "framework/app/app.h"
#include "framework/app/request.h"
#include "framework/app/response.h"
#include "framework/base/escaped_fork.h"
#include "framework/wsgi/environ.h"

/* A request with its response on the way through the application. */
struct exchange {
	km_request req;
	km_response res;
};

static int failure_status(int error)
{
	switch (error) {
	case KM_ENOENT:
		return 404;
	case KM_EINVAL:
		return 400;
	case KM_ELIMIT:
		return 413;
	default:
		return 500;
	}
}

/* Responds when the handler returned `result` without a valid response. */
static __attribute__((cold)) int respond_to_failure(struct exchange *exchange, int result)
{
	const km_endpoint *endpoint = exchange->req.endpoint;
	km_environ *environ = exchange->req.environ;
	int status = exchange->res.misused ? 500 : failure_status(result);

	if (result == 0 && !exchange->res.misused)
		km_environ_error(environ, "the handler of %s returned without a response",
				 endpoint->rule);
	else if (status == 500 && !exchange->res.misused)
		km_environ_error(environ, "the handler of %s failed: %s (%d)", endpoint->rule,
				 km_strerror(result), result);
	km_response_clear(&exchange->res);
	return km_error(&exchange->res, status);
}

static int call_handler(struct exchange *exchange)
{
	const km_endpoint *endpoint = exchange->req.endpoint;

	km_environ_set_handler(exchange->req.environ, (uintptr_t)endpoint->handler);
	int result = endpoint->handler(&exchange->req, &exchange->res);

	/* Before middleware, such as the profiler, takes the return for the end of the request. */
	km_escaped_fork_check(exchange->req.method.ptr, exchange->req.environ->request->target.ptr);
	if (result == 0 && exchange->res.status && !exchange->res.misused)
		return 0;
	return respond_to_failure(exchange, result);
}

/* Responds without a handler: to OPTIONS, with 405 or 404. `match` is NULL for the target "*", the
 * server as a whole. */
static __attribute__((cold)) int respond_without_handler(struct exchange *exchange,
							 const km_router *router,
							 const km_match *match)
{
	bool options = km_str_equal(exchange->req.method, KM_STR("OPTIONS"));
	char allow[KM_ALLOW_SIZE];

	if (match && !match->rule.ptr)
		return km_error(&exchange->res, 404);
	km_router_allow(router, match, allow, sizeof allow);
	int failed = km_response_header(&exchange->res, "Allow", allow);
	if (failed)
		return failed;
	return options ? km_response_set(&exchange->res, 204, (km_str){NULL, 0}, KM_STR(""))
		       : km_error(&exchange->res, 405);
}

static int respond(struct exchange *exchange, const km_router *router)
{
	km_request *req = &exchange->req;
	km_match match;

	if (km_str_equal(req->path, KM_STR("*")))
		return respond_without_handler(exchange, router, NULL);
	km_router_match(router, req->method, req->path, &match);
	if (match.rule.ptr) {
		int failed = km_environ_set_route(req->environ, match.rule);
		if (failed)
			return failed;
	}
	if (!match.endpoint)
		return respond_without_handler(exchange, router, &match);
	int failed = km_request_set_match(req, &match);
	return failed ? failed : call_handler(exchange);
}

km_body *km_app_dispatch(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	km_app *app = (km_app *)self;
	struct exchange *exchange = km_arena_alloc(environ->arena, sizeof *exchange);

	if (!exchange)
		return NULL;
	*exchange = (struct exchange){
		.req = {.environ = environ, .app = app},
		.res = {.environ = environ},
	};
	km_request *req = &exchange->req;
	km_environ_target(environ, &req->method, &req->path, &req->query);
	if (respond(exchange, &app->router)) {
		km_environ_error(environ, "out of memory");
		km_response_clear(&exchange->res);
		return NULL;
	}
	return km_response_send(&exchange->res, start_response);
}
