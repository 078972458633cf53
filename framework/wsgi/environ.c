#include "framework/wsgi/environ.h"

#include <stdarg.h>
#include <stdio.h>

#include "framework/base/log.h"
#include "framework/http/field.h"

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

/* The values point into the request and the server. */
struct standard {
	km_header all[16];
};

static km_str flag(bool value)
{
	return value ? KM_STR("1") : KM_STR("0");
}

static km_str query_string(const km_http_request *request)
{
	return request->query.ptr ? request->query : KM_STR("");
}

static struct standard standard_variables(const km_environ *environ)
{
	const km_http_request *request = environ->request;
	const km_wsgi_server *server = environ->server;
	km_str protocol = request->minor ? KM_STR("HTTP/1.1") : KM_STR("HTTP/1.0");

	return (struct standard){{
		{KM_STR("REQUEST_METHOD"), request->method},
		{KM_STR("SCRIPT_NAME"), KM_STR("")},
		{KM_STR("PATH_INFO"), request->path},
		{KM_STR("QUERY_STRING"), query_string(request)},
		{KM_STR("CONTENT_TYPE"), km_http_request_header(request, "Content-Type")},
		{KM_STR("CONTENT_LENGTH"), km_http_request_header(request, "Content-Length")},
		{KM_STR("SERVER_NAME"), server->name},
		{KM_STR("SERVER_PORT"), server->port},
		{KM_STR("SERVER_PROTOCOL"), protocol},
		{KM_STR("REMOTE_ADDR"), server->remote_addr},
		{KM_STR("REMOTE_PORT"), server->remote_port},
		{KM_STR("wsgi.version"), KM_STR("1.0")},
		{KM_STR("wsgi.url_scheme"), KM_STR("http")},
		{KM_STR("wsgi.multithread"), flag(server->multithread)},
		{KM_STR("wsgi.multiprocess"), flag(server->multiprocess)},
		{KM_STR("wsgi.run_once"), KM_STR("0")},
	}};
}

/* --- HTTP_<NAME>: variables of headers (RFC 3875 section 4.1.18) --- */

static const km_str http_prefix = {"HTTP_", 5};

static char variable_byte(char byte)
{
	if (byte >= 'a' && byte <= 'z')
		return (char)(byte - 'a' + 'A');
	return byte == '-' ? '_' : byte;
}

static bool is_content_header(km_str header)
{
	return km_http_name_is(header, "content-type") || km_http_name_is(header, "content-length");
}

/* Whether the header has a variable. A name with "_" would pass for the one with "-", which a proxy
 * may have checked or removed. The two content headers have variables of their own. */
static bool is_shown(km_str header)
{
	return !memchr(header.ptr, '_', header.len) && !is_content_header(header);
}

static bool names_header(km_str variable, km_str header)
{
	if (variable.len != header.len)
		return false;
	for (size_t i = 0; i < header.len; i++) {
		if (variable_byte(header.ptr[i]) != variable.ptr[i])
			return false;
	}
	return is_shown(header);
}

/* Joins the values with ",", and keeps the result for the next get. `size` is that of the result.
 */
static km_str join(km_environ *environ, km_str variable, size_t size)
{
	const km_http_request *request = environ->request;
	char *joined = km_arena_alloc(environ->arena, size + 1);
	km_environ_variable *made = joined ? want_set(environ, variable, VARIABLE_MADE) : NULL;
	size_t used = 0;

	if (!made)
		return absent;
	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (!names_header(variable, header->name))
			continue;
		memcpy(joined + used, header->value.ptr, header->value.len);
		used += header->value.len;
		joined[used++] = ',';
	}
	joined[--used] = '\0'; /* the last comma */
	made->value = (km_str){joined, used};
	return made->value;
}

/* Returns the value of the header that `variable`, without its prefix, names. */
static km_str header_value(km_environ *environ, km_str variable)
{
	const km_http_request *request = environ->request;
	const km_environ_variable *made = find_set(environ, variable, VARIABLE_MADE);
	km_str value = absent;
	size_t count = 0, size = 0;

	if (made)
		return made->value;
	for (size_t i = 0; i < request->header_count; i++) {
		if (!names_header(variable, request->headers[i].name))
			continue;
		value = request->headers[i].value;
		size += value.len + 1;
		count++;
	}
	return count > 1 ? join(environ, variable, size) : value;
}

km_str km_environ_header_variable(km_environ *environ, km_str header)
{
	size_t skipped = is_content_header(header) ? http_prefix.len : 0;
	size_t len = http_prefix.len + header.len;
	char *name = km_arena_alloc(environ->arena, len + 1);

	if (!name)
		return absent;
	memcpy(name, http_prefix.ptr, http_prefix.len);
	for (size_t i = 0; i < header.len; i++)
		name[http_prefix.len + i] = variable_byte(header.ptr[i]);
	name[len] = '\0';
	return (km_str){name + skipped, len - skipped};
}

/* Whether the header at `index` has a variable, and no header before it has the same one. */
static bool is_new(const km_http_request *request, size_t index)
{
	km_str name = request->headers[index].name;

	for (size_t i = 0; i < index; i++) {
		if (km_http_same_name(request->headers[i].name, name))
			return false;
	}
	return is_shown(name);
}

/* --- get --- */

km_str km_environ_get(km_environ *environ, const char *name)
{
	km_str wanted = km_str_from(name);
	const km_environ_variable *set = find_set(environ, wanted, VARIABLE_SET);

	if (set)
		return set->value;
	if (wanted.len > http_prefix.len && memcmp(name, http_prefix.ptr, http_prefix.len) == 0)
		return header_value(environ,
				    (km_str){name + http_prefix.len, wanted.len - http_prefix.len});
	struct standard standard = standard_variables(environ);
	for (size_t i = 0; i < sizeof standard.all / sizeof *standard.all; i++) {
		if (km_str_equal(standard.all[i].name, wanted))
			return standard.all[i].value;
	}
	return km_str_equal(route_name, wanted) ? environ->route : absent;
}

static km_str set_or(const km_environ *environ, km_str name, km_str otherwise)
{
	const km_environ_variable *set = find_set(environ, name, VARIABLE_SET);

	return set ? set->value : otherwise;
}

void km_environ_target(const km_environ *environ, km_str *method, km_str *path, km_str *query)
{
	const km_http_request *request = environ->request;

	*method = set_or(environ, KM_STR("REQUEST_METHOD"), request->method);
	*path = set_or(environ, KM_STR("PATH_INFO"), request->path);
	*query = set_or(environ, KM_STR("QUERY_STRING"), query_string(request));
}

km_str km_environ_route(const km_environ *environ)
{
	return set_or(environ, route_name, environ->route);
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
		if (!is_new(request, i))
			continue;
		km_str name = km_environ_header_variable(environ, request->headers[i].name);
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
	const struct standard standard = standard_variables(environ);
	int result = 0;

	for (size_t i = 0; i < sizeof standard.all / sizeof *standard.all && !result; i++) {
		const km_header *variable = &standard.all[i];
		if (variable->value.ptr && !find_set(environ, variable->name, VARIABLE_SET))
			result = visit(context, variable->name, variable->value);
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
	ssize_t got;

	if (request->store) {
		got = km_http_body_store_read(request->store, environ->body_read, bytes, size);
	} else {
		size_t left = request->body.len - environ->body_read;
		got = (ssize_t)(size < left ? size : left);
		if (got > 0)
			memcpy(bytes, request->body.ptr + environ->body_read, (size_t)got);
	}
	environ->body_read += got > 0 ? (size_t)got : 0;
	return got;
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
