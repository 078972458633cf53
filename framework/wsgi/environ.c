#include "framework/wsgi/environ.h"

#include <stdarg.h>
#include <stdio.h>

#include "framework/base/log.h"
#include "framework/wsgi/header_variables.h"

typedef enum variable_kind {
	VARIABLE_SET,	  /* by km_environ_set */
	VARIABLE_POINTER, /* by km_environ_set_pointer, with names of their own */
	VARIABLE_MADE,	  /* the joined values of several headers, kept for the next get */
} variable_kind;

struct km_environ_variable {
	km_environ_variable *next;
	variable_kind kind;
	km_str name, value;
	void *pointer;
};

static const km_str absent = {NULL, 0};
static const km_str route_name = {"komori.route", 12};

void km_environ_init(km_environ *environ, const km_http_request *request,
		     const km_wsgi_server *server, km_arena *arena)
{
	*environ = (km_environ){.request = request, .server = server, .arena = arena};
}

/* --- variables that were set --- */

static km_environ_variable *find_set(const km_environ *environ, km_str name, variable_kind kind)
{
	km_environ_variable *variable = environ->set;

	while (variable && (variable->kind != kind || !km_str_equal(variable->name, name)))
		variable = variable->next;
	return variable;
}

/* Finds or adds the variable with that name; NULL when memory ran out. */
static km_environ_variable *want_set(km_environ *environ, km_str name, variable_kind kind)
{
	km_environ_variable *variable = find_set(environ, name, kind);

	if (variable)
		return variable;
	variable = km_arena_zalloc(environ->arena, sizeof *variable);
	char *copy = km_arena_copy(environ->arena, name.ptr, name.len);
	if (!variable || !copy)
		return NULL;
	variable->kind = kind;
	variable->name = (km_str){copy, name.len};
	variable->next = environ->set;
	environ->set = variable;
	return variable;
}

static int set_value(km_environ *environ, km_str name, km_str value, variable_kind kind)
{
	char *copy = km_arena_copy(environ->arena, value.ptr, value.len);
	km_environ_variable *variable = copy ? want_set(environ, name, kind) : NULL;

	if (!variable)
		return KM_ENOMEM;
	variable->value = (km_str){copy, value.len};
	return 0;
}

int km_environ_set(km_environ *environ, const char *name, km_str value)
{
	if (!name || !value.ptr)
		return KM_EINVAL;
	int failed = set_value(environ, km_str_from(name), value, VARIABLE_SET);
	if (!failed && environ->slot && km_str_equal(km_str_from(name), route_name))
		km_request_slot_set_route(environ->slot, value);
	return failed;
}

int km_environ_set_pointer(km_environ *environ, const char *name, void *pointer)
{
	if (!name)
		return KM_EINVAL;
	km_environ_variable *variable = want_set(environ, km_str_from(name), VARIABLE_POINTER);
	if (!variable)
		return KM_ENOMEM;
	variable->pointer = pointer;
	return 0;
}

void *km_environ_pointer(km_environ *environ, const char *name)
{
	km_environ_variable *variable = find_set(environ, km_str_from(name), VARIABLE_POINTER);

	return variable ? variable->pointer : NULL;
}

/* --- PEP 3333's list --- */

enum standard {
	REQUEST_METHOD,
	SCRIPT_NAME,
	PATH_INFO,
	QUERY_STRING,
	CONTENT_TYPE,
	CONTENT_LENGTH,
	SERVER_NAME,
	SERVER_PORT,
	SERVER_PROTOCOL,
	REMOTE_ADDR,
	REMOTE_PORT,
	WSGI_VERSION,
	WSGI_URL_SCHEME,
	WSGI_MULTITHREAD,
	WSGI_MULTIPROCESS,
	WSGI_RUN_ONCE,
	STANDARD_COUNT
};

static const km_str standard_names[] = {
	[REQUEST_METHOD] = KM_STR("REQUEST_METHOD"),
	[SCRIPT_NAME] = KM_STR("SCRIPT_NAME"),
	[PATH_INFO] = KM_STR("PATH_INFO"),
	[QUERY_STRING] = KM_STR("QUERY_STRING"),
	[CONTENT_TYPE] = KM_STR("CONTENT_TYPE"),
	[CONTENT_LENGTH] = KM_STR("CONTENT_LENGTH"),
	[SERVER_NAME] = KM_STR("SERVER_NAME"),
	[SERVER_PORT] = KM_STR("SERVER_PORT"),
	[SERVER_PROTOCOL] = KM_STR("SERVER_PROTOCOL"),
	[REMOTE_ADDR] = KM_STR("REMOTE_ADDR"),
	[REMOTE_PORT] = KM_STR("REMOTE_PORT"),
	[WSGI_VERSION] = KM_STR("wsgi.version"),
	[WSGI_URL_SCHEME] = KM_STR("wsgi.url_scheme"),
	[WSGI_MULTITHREAD] = KM_STR("wsgi.multithread"),
	[WSGI_MULTIPROCESS] = KM_STR("wsgi.multiprocess"),
	[WSGI_RUN_ONCE] = KM_STR("wsgi.run_once"),
};

static km_str flag(bool value)
{
	return value ? KM_STR("1") : KM_STR("0");
}

static km_str query_string(const km_http_request *request)
{
	return request->query.ptr ? request->query : KM_STR("");
}

static km_str standard_value(const km_environ *environ, enum standard which)
{
	const km_http_request *request = environ->request;
	const km_wsgi_server *server = environ->server;

	switch (which) {
	case REQUEST_METHOD:
		return request->method;
	case SCRIPT_NAME:
		return KM_STR("");
	case PATH_INFO:
		return request->path;
	case QUERY_STRING:
		return query_string(request);
	case CONTENT_TYPE:
		return km_http_request_header(request, "Content-Type");
	case CONTENT_LENGTH:
		return km_http_request_header(request, "Content-Length");
	case SERVER_NAME:
		return server->name;
	case SERVER_PORT:
		return server->port;
	case SERVER_PROTOCOL:
		return request->minor ? KM_STR("HTTP/1.1") : KM_STR("HTTP/1.0");
	case REMOTE_ADDR:
		return server->remote_addr;
	case REMOTE_PORT:
		return server->remote_port;
	case WSGI_VERSION:
		return KM_STR("1.0");
	case WSGI_URL_SCHEME:
		return KM_STR("http");
	case WSGI_MULTITHREAD:
		return flag(server->multithread);
	case WSGI_MULTIPROCESS:
		return flag(server->multiprocess);
	case WSGI_RUN_ONCE:
		return flag(false);
	case STANDARD_COUNT:
		break;
	}
	return absent;
}

/* --- get --- */

static const km_str http_prefix = KM_STR(KM_HEADER_VARIABLE_PREFIX);

/* Keeps a joined value for the next get. */
static km_str header_value(km_environ *environ, km_str variable)
{
	km_environ_variable *made = find_set(environ, variable, VARIABLE_MADE);
	bool joined;

	if (made)
		return made->value;
	km_str value =
		km_header_variable_value(environ->request, variable, environ->arena, &joined);
	made = joined && value.ptr ? want_set(environ, variable, VARIABLE_MADE) : NULL;
	if (made)
		made->value = value;
	return value;
}

km_str km_environ_get(km_environ *environ, const char *name)
{
	km_str wanted = km_str_from(name);
	km_environ_variable *set = find_set(environ, wanted, VARIABLE_SET);

	if (set)
		return set->value;
	if (wanted.len > http_prefix.len && memcmp(name, http_prefix.ptr, http_prefix.len) == 0)
		return header_value(environ,
				    (km_str){name + http_prefix.len, wanted.len - http_prefix.len});
	for (enum standard i = 0; i < STANDARD_COUNT; i++) {
		if (km_str_equal(standard_names[i], wanted))
			return standard_value(environ, i);
	}
	return km_str_equal(route_name, wanted) ? environ->route : absent;
}

void km_environ_target(km_environ *environ, km_str *method, km_str *path, km_str *query)
{
	if (environ->set) {
		*method = km_environ_get(environ, "REQUEST_METHOD");
		*path = km_environ_get(environ, "PATH_INFO");
		*query = km_environ_get(environ, "QUERY_STRING");
		return;
	}
	*method = environ->request->method;
	*path = environ->request->path;
	*query = query_string(environ->request);
}

km_str km_environ_route(km_environ *environ)
{
	return environ->set ? km_environ_get(environ, route_name.ptr) : environ->route;
}

int km_environ_set_route(km_environ *environ, km_str route)
{
	if (environ->set)
		return km_environ_set(environ, route_name.ptr, route);
	environ->route = route;
	if (environ->slot)
		km_request_slot_set_route(environ->slot, route);
	return 0;
}

void km_environ_set_handler(km_environ *environ, uintptr_t handler)
{
	environ->handler = handler;
	if (environ->slot)
		atomic_store_explicit(&environ->slot->handler, handler, memory_order_relaxed);
}

/* --- all variables --- */

typedef int (*visitor)(void *context, km_str name, km_str value);

static int visit_headers(km_environ *environ, visitor visit, void *context)
{
	const km_http_request *request = environ->request;
	int result = 0;

	for (size_t i = 0; i < request->header_count && !result; i++) {
		if (!km_header_variable_is_new(request, i))
			continue;
		km_str name = km_header_variable_name(request->headers[i].name, environ->arena);
		if (!name.ptr)
			return KM_ENOMEM;
		if (!find_set(environ, name, VARIABLE_SET))
			result = visit(context, name, km_environ_get(environ, name.ptr));
	}
	return result;
}

/* Visits the oldest first; the list is short, and starts with the newest. */
static int visit_set(const km_environ_variable *variable, visitor visit, void *context)
{
	if (!variable)
		return 0;
	int result = visit_set(variable->next, visit, context);
	if (result || variable->kind != VARIABLE_SET)
		return result;
	return visit(context, variable->name, variable->value);
}

int km_environ_each(km_environ *environ, visitor visit, void *context)
{
	int result = 0;

	for (enum standard i = 0; i < STANDARD_COUNT && !result; i++) {
		km_str value = standard_value(environ, i);
		if (value.ptr && !find_set(environ, standard_names[i], VARIABLE_SET))
			result = visit(context, standard_names[i], value);
	}
	if (!result)
		result = visit_headers(environ, visit, context);
	if (!result && environ->route.ptr && !find_set(environ, route_name, VARIABLE_SET))
		result = visit(context, route_name, environ->route);
	return result ? result : visit_set(environ->set, visit, context);
}

/* --- memory, input, errors --- */

void *km_environ_alloc(km_environ *environ, size_t size)
{
	return km_arena_zalloc(environ->arena, size);
}

km_str km_environ_body(km_environ *environ)
{
	const km_http_request *request = environ->request;
	km_str body = request->store ? km_http_body_store_view(request->store) : request->body;

	if (body.ptr)
		environ->body_read = body.len;
	return body;
}

ssize_t km_environ_read(km_environ *environ, void *bytes, size_t size)
{
	const km_http_request *request = environ->request;
	const km_str *body = &request->body;

	if (request->store) {
		ssize_t got =
			km_http_body_store_read(request->store, environ->body_read, bytes, size);
		environ->body_read += got > 0 ? (size_t)got : 0;
		return got;
	}
	size_t left = body->len - environ->body_read;

	if (size > left)
		size = left;
	if (size > 0)
		memcpy(bytes, body->ptr + environ->body_read, size);
	environ->body_read += size;
	return (ssize_t)size;
}

void km_environ_error(km_environ *environ, const char *format, ...)
{
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	km_log("%s %s: %s", environ->request->method.ptr, environ->request->target.ptr, message);
}
