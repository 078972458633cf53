#include "framework/app/request.h"

#include "framework/wsgi/environ.h"
#include "framework/http/query.h"

int km_request_set_match(km_request *req, const km_match *match)
{
	const km_endpoint *endpoint = match->endpoint;

	req->endpoint = endpoint;
	if (endpoint->param_count == 0)
		return 0;
	/* A "/" or the end follows each value, so that one copy of the path holds all of them,
	 * terminated. */
	req->params =
		km_environ_alloc(req->environ, (size_t)endpoint->param_count * sizeof *req->params);
	char *path = km_environ_alloc(req->environ, req->path.len + 1);
	if (!req->params || !path)
		return KM_ENOMEM;
	memcpy(path, req->path.ptr, req->path.len);
	for (int i = 0; i < endpoint->param_count; i++) {
		char *value = path + (match->values[i].ptr - req->path.ptr);
		value[match->values[i].len] = '\0';
		req->params[i] = value;
	}
	return 0;
}

const char *km_request_method(const km_request *req)
{
	return req->method.ptr;
}

const char *km_request_path(const km_request *req)
{
	return req->path.ptr;
}

const char *km_request_route(const km_request *req)
{
	return req->endpoint->rule;
}

const char *km_request_query_string(const km_request *req)
{
	return req->query.ptr ? req->query.ptr : "";
}

const char *km_request_param(const km_request *req, const char *name)
{
	const km_endpoint *endpoint = req->endpoint;

	for (int i = 0; name && i < endpoint->param_count; i++) {
		if (km_str_equal(endpoint->params[i], km_str_from(name)))
			return req->params[i];
	}
	return NULL;
}

/* By the variable, because middleware may have set it. "X_Y" does not name X-Y: environ hides names
 * with "_". */
const char *km_request_header(km_request *req, const char *name)
{
	if (!name || strchr(name, '_'))
		return NULL;
	km_str variable = km_environ_header_variable(req->environ, km_str_from(name));
	return variable.ptr ? km_environ_get(req->environ, variable.ptr).ptr : NULL;
}

km_str km_request_body(km_request *req)
{
	return km_environ_body(req->environ);
}

km_environ *km_request_environ(km_request *req)
{
	return req->environ;
}

km_app *km_request_app(const km_request *req)
{
	return req->app;
}

void *km_request_alloc(km_request *req, size_t size)
{
	return km_environ_alloc(req->environ, size);
}

const char *km_request_query(km_request *req, const char *name)
{
	km_str value;

	if (!name || !km_query_find(req->query, km_str_from(name), &value))
		return NULL;
	char *decoded = km_environ_alloc(req->environ, value.len + 1);
	if (decoded)
		km_query_decode(value, decoded);
	return decoded;
}
