#include "framework/wsgi/environ.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "framework/base/log.h"
#include "framework/http/field.h"

typedef enum variable_kind {
	VARIABLE_SET,	  /* by km_environ_set */
	VARIABLE_POINTER, /* by km_environ_set_pointer: a name space of its own */
	VARIABLE_MADE,	  /* a value that had to be put together, kept for the next get */
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

/* --- what was set --- */

static km_environ_variable *find_set(const km_environ *environ, km_str name, variable_kind kind)
{
	km_environ_variable *variable = environ->set;

	while (variable && (variable->kind != kind || !km_str_equal(variable->name, name)))
		variable = variable->next;
	return variable;
}

/* The variable of that name, added when missing; NULL when memory ran out. */
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

static km_str flag(bool value)
{
	return value ? KM_STR("1") : KM_STR("0");
}

static km_str request_method(km_environ *environ)
{
	return environ->request->method;
}

static km_str script_name(km_environ *environ)
{
	(void)environ;
	return KM_STR("");
}

static km_str path_info(km_environ *environ)
{
	return environ->request->path;
}

static km_str query_string(km_environ *environ)
{
	return environ->request->query.ptr ? environ->request->query : KM_STR("");
}

static km_str content_type(km_environ *environ)
{
	return km_http_request_header(environ->request, "Content-Type");
}

static km_str content_length(km_environ *environ)
{
	return km_http_request_header(environ->request, "Content-Length");
}

static km_str server_name(km_environ *environ)
{
	return environ->server->name;
}

static km_str server_port(km_environ *environ)
{
	return environ->server->port;
}

static km_str server_protocol(km_environ *environ)
{
	return environ->request->minor ? KM_STR("HTTP/1.1") : KM_STR("HTTP/1.0");
}

static km_str remote_addr(km_environ *environ)
{
	return environ->server->remote_addr;
}

static km_str remote_port(km_environ *environ)
{
	return environ->server->remote_port;
}

static km_str wsgi_version(km_environ *environ)
{
	(void)environ;
	return KM_STR("1.0");
}

static km_str url_scheme(km_environ *environ)
{
	(void)environ;
	return KM_STR("http");
}

static km_str multithread(km_environ *environ)
{
	return flag(environ->server->multithread);
}

static km_str multiprocess(km_environ *environ)
{
	return flag(environ->server->multiprocess);
}

static km_str run_once(km_environ *environ)
{
	(void)environ;
	return flag(false);
}

static const struct standard {
	km_str name;
	km_str (*value)(km_environ *environ);
} standard[] = {
	{{"REQUEST_METHOD", 14}, request_method},
	{{"SCRIPT_NAME", 11}, script_name},
	{{"PATH_INFO", 9}, path_info},
	{{"QUERY_STRING", 12}, query_string},
	{{"CONTENT_TYPE", 12}, content_type},
	{{"CONTENT_LENGTH", 14}, content_length},
	{{"SERVER_NAME", 11}, server_name},
	{{"SERVER_PORT", 11}, server_port},
	{{"SERVER_PROTOCOL", 15}, server_protocol},
	{{"REMOTE_ADDR", 11}, remote_addr},
	{{"REMOTE_PORT", 11}, remote_port},
	{{"wsgi.version", 12}, wsgi_version},
	{{"wsgi.url_scheme", 15}, url_scheme},
	{{"wsgi.multithread", 16}, multithread},
	{{"wsgi.multiprocess", 17}, multiprocess},
	{{"wsgi.run_once", 13}, run_once},
};

enum { STANDARD_COUNT = sizeof standard / sizeof standard[0] };

/* --- headers --- */

static const km_str http_prefix = {"HTTP_", 5};

static char variable_byte(char byte)
{
	if (byte >= 'a' && byte <= 'z')
		return (char)(byte - 'a' + 'A');
	return byte == '-' ? '_' : byte;
}

/* Whether the header is one of those that HTTP_* shows. A name with "_" would be taken for the one
 * with "-", which a proxy in front may have checked or removed: it is not shown at all. The two
 * content headers have variables of their own. */
static bool is_shown(km_str header)
{
	return !memchr(header.ptr, '_', header.len) && !km_http_name_is(header, "content-type") &&
	       !km_http_name_is(header, "content-length");
}

/* Whether `variable`, without its HTTP_, is the header's name as a variable. */
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

/* The values of every header that `variable` names, from the `first` one on, joined by ",". */
static km_str join_headers(km_environ *environ, km_str variable, size_t first, size_t size)
{
	const km_http_request *request = environ->request;
	char *joined = km_arena_alloc(environ->arena, size + 1);
	size_t used = 0;

	if (!joined)
		return absent;
	for (size_t i = first; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (!names_header(variable, header->name))
			continue;
		if (i > first)
			joined[used++] = ',';
		memcpy(joined + used, header->value.ptr, header->value.len);
		used += header->value.len;
	}
	joined[used] = '\0';
	return (km_str){joined, used};
}

static km_str header_value(km_environ *environ, km_str variable)
{
	const km_http_request *request = environ->request;
	size_t first = 0, count = 0, size = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (!names_header(variable, header->name))
			continue;
		if (count++ == 0)
			first = i;
		size += header->value.len + 1;
	}
	if (count == 0)
		return absent;
	if (count == 1)
		return request->headers[first].value;
	km_environ_variable *made = find_set(environ, variable, VARIABLE_MADE);
	if (made)
		return made->value;
	km_str joined = join_headers(environ, variable, first, size);
	made = joined.ptr ? want_set(environ, variable, VARIABLE_MADE) : NULL;
	if (made)
		made->value = joined;
	return joined;
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
	for (int i = 0; i < STANDARD_COUNT; i++) {
		if (km_str_equal(standard[i].name, wanted))
			return standard[i].value(environ);
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
	*method = request_method(environ);
	*path = path_info(environ);
	*query = query_string(environ);
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

/* --- all of them --- */

static bool is_repeated(const km_http_request *request, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		const km_str *name = &request->headers[i].name;
		if (name->len == request->headers[index].name.len &&
		    strncasecmp(name->ptr, request->headers[index].name.ptr, name->len) == 0)
			return true;
	}
	return false;
}

/* HTTP_<NAME> for a header; absent when memory ran out. */
static km_str variable_name(km_environ *environ, km_str header)
{
	size_t len = http_prefix.len + header.len;
	char *name = km_arena_alloc(environ->arena, len + 1);

	if (!name)
		return absent;
	memcpy(name, http_prefix.ptr, http_prefix.len);
	for (size_t i = 0; i < header.len; i++)
		name[http_prefix.len + i] = variable_byte(header.ptr[i]);
	name[len] = '\0';
	return (km_str){name, len};
}

typedef int (*visitor)(void *context, km_str name, km_str value);

static int visit_headers(km_environ *environ, visitor visit, void *context)
{
	const km_http_request *request = environ->request;
	int result = 0;

	for (size_t i = 0; i < request->header_count && !result; i++) {
		if (!is_shown(request->headers[i].name) || is_repeated(request, i))
			continue;
		km_str name = variable_name(environ, request->headers[i].name);
		if (!name.ptr)
			return KM_ENOMEM;
		if (!find_set(environ, name, VARIABLE_SET))
			result = visit(context, name, km_environ_get(environ, name.ptr));
	}
	return result;
}

/* Oldest first; the list is short, and the newest stands in front. */
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

	for (int i = 0; i < STANDARD_COUNT && !result; i++) {
		if (find_set(environ, standard[i].name, VARIABLE_SET))
			continue;
		km_str value = standard[i].value(environ);
		if (value.ptr)
			result = visit(context, standard[i].name, value);
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
