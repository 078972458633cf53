#include <komori/viewer_middleware.h>

#include <stdlib.h>

#include "framework/base/buffer.h"
#include "framework/http/field.h"
#include "framework/http/query.h"
#include "profiler/middleware/viewer_access.h"

enum { MAX_HEADERS = 12 };

struct viewer_app {
	km_wsgi_app app; /* first member */
	km_wsgi_app *inner;
	km_viewer *viewer;
	char *secret;
};

/* A response while the server sends it. */
struct body {
	km_body body; /* first member */
	km_viewer_response response;
	bool sent;
};

/* --- the response --- */

static int next(km_body *self, km_str *chunk)
{
	struct body *body = (struct body *)self;

	if (body->sent || body->response.bytes.len == 0)
		return 0;
	*chunk = body->response.bytes;
	body->sent = true;
	return 1;
}

static void close_body(km_body *self)
{
	km_viewer_response_finish(&((struct body *)self)->response);
}

static void add(km_header *headers, size_t *count, km_str name, const char *value)
{
	headers[(*count)++] = (km_header){name, km_str_from(value)};
}

static size_t make_headers(km_header headers[MAX_HEADERS], const km_viewer_response *response)
{
	size_t count = 0;

	add(headers, &count, KM_STR("Content-Type"), response->type);
	add(headers, &count, KM_STR("Content-Security-Policy"),
	    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
	add(headers, &count, KM_STR("X-Content-Type-Options"), "nosniff");
	add(headers, &count, KM_STR("Referrer-Policy"), "no-referrer");
	add(headers, &count, KM_STR("Cross-Origin-Resource-Policy"), "same-origin");
	add(headers, &count, KM_STR("Cache-Control"), response->page ? "no-cache" : "no-store");
	if (*response->tag)
		add(headers, &count, KM_STR("ETag"), response->tag);
	if (response->page)
		add(headers, &count, KM_STR("Vary"), "Accept-Encoding");
	if (response->gzip)
		add(headers, &count, KM_STR("Content-Encoding"), "gzip");
	return count;
}

/* Takes the response. `more` is one more header, or has no name. */
static km_body *send(km_environ *environ, km_start_response *start_response,
		     km_viewer_response *response, km_header more)
{
	struct body *body = km_environ_alloc(environ, sizeof *body);
	km_header headers[MAX_HEADERS];
	size_t count = make_headers(headers, response);

	if (more.name.len)
		headers[count++] = more;
	if (!body || start_response->call(start_response, response->status, headers, count)) {
		km_viewer_response_finish(response);
		return NULL;
	}
	*body = (struct body){
		.body = {next, close_body, (int64_t)response->bytes.len},
		.response = *response,
	};
	return &body->body;
}

static km_body *send_line(km_environ *environ, km_start_response *start_response, int status,
			  km_str line, km_header more)
{
	km_viewer_response response = {
		.status = status,
		.type = "text/plain; charset=utf-8",
		.bytes = line,
	};

	return send(environ, start_response, &response, more);
}

/* --- the request --- */

/* Returns a decoded parameter of the query, {NULL, 0} when absent. */
static km_str parameter(km_environ *environ, km_str name)
{
	km_str value;

	if (!km_query_find(km_environ_get(environ, "QUERY_STRING"), name, &value))
		return (km_str){NULL, 0};
	char *text = km_environ_alloc(environ, value.len + 1);
	return (km_str){text, text ? km_query_decode(value, text) : 0};
}

static km_body *send_response(const struct viewer_app *viewer, km_environ *environ,
			      km_start_response *start_response, km_str path)
{
	km_str codings = km_environ_get(environ, "HTTP_ACCEPT_ENCODING");
	const km_viewer_request request = {
		.path = path,
		.before = parameter(environ, KM_STR("before")),
		.after = parameter(environ, KM_STR("after")),
		.if_none_match = km_environ_get(environ, "HTTP_IF_NONE_MATCH"),
		.gzip = codings.ptr && km_http_list_has(codings, "gzip"),
	};
	km_viewer_response response;

	km_viewer_get(viewer->viewer, &request, &response);
	return send(environ, start_response, &response, (km_header){0});
}

/* Redirects to the page, with the secret in a cookie: an address may end up in logs. */
static km_body *move_secret(const struct viewer_app *viewer, km_environ *environ,
			    km_start_response *start_response)
{
	struct body *body = km_environ_alloc(environ, sizeof *body);
	km_buffer cookie = {0};

	km_buffer_printf(&cookie,
			 "komori_secret=%s; Path=%s" KM_VIEWER_PATH "/; HttpOnly; SameSite=Strict",
			 viewer->secret, km_environ_get(environ, "SCRIPT_NAME").ptr);
	const km_header headers[] = {
		{KM_STR("Location"), KM_STR("./")},
		{KM_STR("Cache-Control"), KM_STR("no-store")},
		{KM_STR("Referrer-Policy"), KM_STR("no-referrer")},
		{KM_STR("Set-Cookie"), {cookie.data, cookie.len}},
	};
	int failed =
		!body || cookie.failed || start_response->call(start_response, 303, headers, 4);
	km_buffer_finish(&cookie);
	if (failed)
		return NULL;
	body->body = (km_body){next, NULL, 0};
	return &body->body;
}

static km_body *serve(const struct viewer_app *viewer, km_environ *environ,
		      km_start_response *start_response, km_str path)
{
	km_str method = km_environ_get(environ, "REQUEST_METHOD");
	km_viewer_access access = km_viewer_access_of(environ, km_str_from(viewer->secret),
						      parameter(environ, KM_STR("secret")));

	if (access == KM_VIEWER_REFUSED)
		return send_line(environ, start_response, 403,
				 KM_STR("Profiles are shown to this machine only, under a loopback "
					"name or address, or with PROFILE_SECRET.\n"),
				 (km_header){0});
	if (!km_str_equal(method, KM_STR("GET")) && !km_str_equal(method, KM_STR("HEAD")))
		return send_line(environ, start_response, 405, KM_STR("GET and HEAD only.\n"),
				 (km_header){KM_STR("Allow"), KM_STR("GET, HEAD")});
	if (path.len == 0)
		return send_line(environ, start_response, 308, KM_STR(""),
				 (km_header){KM_STR("Location"), KM_STR("__profile__/")});
	path = (km_str){path.ptr + 1, path.len - 1};
	if (path.len == 0 && access == KM_VIEWER_BY_QUERY)
		return move_secret(viewer, environ, start_response);
	return send_response(viewer, environ, start_response, path);
}

/* Whether the viewer serves `path`. Sets `rest` to what follows the viewer's own path. */
static bool is_below(km_str path, km_str *rest)
{
	static const km_str own = {KM_VIEWER_PATH, sizeof KM_VIEWER_PATH - 1};

	if (path.len < own.len || memcmp(path.ptr, own.ptr, own.len) != 0)
		return false;
	*rest = (km_str){path.ptr + own.len, path.len - own.len};
	return rest->len == 0 || rest->ptr[0] == '/';
}

static km_body *call(km_wsgi_app *self, km_environ *environ, km_start_response *start_response)
{
	const struct viewer_app *viewer = (const struct viewer_app *)self;
	km_str rest;

	if (is_below(km_environ_get(environ, "PATH_INFO"), &rest))
		return serve(viewer, environ, start_response, rest);
	return viewer->inner->call(viewer->inner, environ, start_response);
}

bool km_viewer_serves(km_str target)
{
	const char *query = target.len ? memchr(target.ptr, '?', target.len) : NULL;
	km_str rest;

	if (query)
		target.len = (size_t)(query - target.ptr);
	return is_below(target, &rest);
}

/* --- construction --- */

static void free_viewer(km_wsgi_app *self)
{
	struct viewer_app *viewer = (struct viewer_app *)self;

	if (viewer->inner->free)
		viewer->inner->free(viewer->inner);
	free(viewer->secret);
	free(viewer);
}

km_wsgi_app *km_viewer_middleware_new(km_wsgi_app *inner, km_viewer *viewer, const char *secret)
{
	struct viewer_app *made = inner && viewer ? calloc(1, sizeof *made) : NULL;

	if (!made)
		return NULL;
	*made = (struct viewer_app){
		.app = {call, free_viewer},
		.inner = inner,
		.viewer = viewer,
		.secret = strdup(secret ? secret : ""),
	};
	if (made->secret)
		return &made->app;
	free(made);
	return NULL;
}
