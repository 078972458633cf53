#include "framework/app/response.h"

#include <stdarg.h>
#include <stdio.h>

#include "framework/http/field.h"
#include "framework/http/status.h"
#include "framework/wsgi/environ.h"

/* Returns a copy that lives as long as the request; {NULL, 0} when memory ran out. */
static km_str copy_bytes(km_response *res, const void *bytes, size_t len)
{
	char *copy = km_arena_copy(res->environ->arena, bytes, len);

	return copy ? (km_str){copy, len} : (km_str){NULL, 0};
}

static void close_stream(km_response *res)
{
	void (*close)(void *context) = res->close;

	res->next = NULL;
	res->close = NULL;
	if (close)
		close(res->context);
}

void km_response_clear(km_response *res)
{
	close_stream(res);
	*res = (km_response){.environ = res->environ};
}

int km_response_misuse(km_response *res, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	km_environ_error(res->environ, "the handler responds with %s", what);
	res->misused = true;
	return KM_EINVAL;
}

static int check_status(km_response *res, int status)
{
	if (status >= 200 && status <= 599)
		return 0;
	return km_response_misuse(res, "status %d: a status is a number from 200 to 599", status);
}

int km_response_set(km_response *res, int status, km_str content_type, km_str bytes)
{
	int failed = check_status(res, status);

	if (failed)
		return failed;
	close_stream(res);
	res->status = status;
	res->content_type = content_type;
	res->bytes = bytes;
	return 0;
}

/* --- what handlers call --- */

static int respond_bytes(km_response *res, int status, km_str content_type, const void *bytes,
			 size_t len)
{
	km_str copy = copy_bytes(res, bytes, len);

	return copy.ptr ? km_response_set(res, status, content_type, copy) : KM_ENOMEM;
}

static int respond_text(km_response *res, int status, km_str content_type, const char *text)
{
	return text ? respond_bytes(res, status, content_type, text, strlen(text))
		    : km_response_misuse(res, "a text that is NULL");
}

int km_text(km_response *res, int status, const char *text)
{
	return respond_text(res, status, KM_STR("text/plain; charset=utf-8"), text);
}

int km_html(km_response *res, int status, const char *html)
{
	return respond_text(res, status, KM_STR("text/html; charset=utf-8"), html);
}

int km_json(km_response *res, int status, const char *json)
{
	return respond_text(res, status, KM_STR("application/json"), json);
}

int km_textf(km_response *res, int status, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	char *text = len < 0 ? NULL : km_environ_alloc(res->environ, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	if (len < 0)
		return km_response_misuse(res, "a format that cannot be printed");
	if (!text)
		return KM_ENOMEM;
	return km_response_set(res, status, KM_STR("text/plain; charset=utf-8"),
			       (km_str){text, (size_t)len});
}

int km_error(km_response *res, int status)
{
	char *text = km_environ_alloc(res->environ, KM_HTTP_ERROR_SIZE);

	if (!text)
		return KM_ENOMEM;
	size_t len = km_http_error_text(status, text);
	return km_response_set(res, status, KM_STR("text/plain; charset=utf-8"),
			       (km_str){text, len});
}

static int copy_type(km_response *res, const char *value, km_str *copy)
{
	km_str text = km_str_from(value);

	if (!value || !km_http_is_field_value(text))
		return km_response_misuse(res, "a content type that is NULL or no text");
	*copy = copy_bytes(res, text.ptr, text.len);
	return copy->ptr ? 0 : KM_ENOMEM;
}

int km_bytes(km_response *res, int status, const char *content_type, const void *bytes, size_t len)
{
	km_str type = {NULL, 0};
	int failed = copy_type(res, content_type, &type);

	if (failed)
		return failed;
	if (len && !bytes)
		return km_response_misuse(res, "%zu bytes at NULL", len);
	return respond_bytes(res, status, type, bytes, len);
}

int km_stream(km_response *res, int status, const char *content_type,
	      int (*next)(void *context, km_str *chunk), void (*close)(void *context),
	      void *context)
{
	km_str type = {NULL, 0};
	int failed = copy_type(res, content_type, &type);

	if (!failed)
		failed = next ? km_response_set(res, status, type, KM_STR(""))
			      : km_response_misuse(res, "a stream without a function");
	if (failed) {
		if (close)
			close(context);
		return failed;
	}
	res->next = next;
	res->close = close;
	res->context = context;
	return 0;
}

/* --- headers --- */

static int grow_headers(km_response *res)
{
	size_t capacity = res->header_capacity ? 2 * res->header_capacity : 8;
	km_header *headers = km_environ_alloc(res->environ, capacity * sizeof *headers);

	if (!headers)
		return KM_ENOMEM;
	if (res->header_count)
		memcpy(headers, res->headers, res->header_count * sizeof *headers);
	res->headers = headers;
	res->header_capacity = capacity;
	return 0;
}

int km_response_header_add(km_response *res, const char *name, const char *value)
{
	if (!name || !value)
		return km_response_misuse(res, "a header whose %s is NULL",
					  name ? "value" : "name");
	if (!km_http_is_token(km_str_from(name)))
		return km_response_misuse(res, "a header \"%.60s\", which is no name", name);
	if (!km_http_is_field_value(km_str_from(value)))
		return KM_EINVAL;
	if (res->header_count == res->header_capacity && grow_headers(res))
		return KM_ENOMEM;
	km_header header = {copy_bytes(res, name, strlen(name)),
			    copy_bytes(res, value, strlen(value))};
	if (!header.name.ptr || !header.value.ptr)
		return KM_ENOMEM;
	res->headers[res->header_count++] = header;
	return 0;
}

int km_response_header(km_response *res, const char *name, const char *value)
{
	int failed = km_response_header_add(res, name, value);
	size_t kept = 0;

	if (failed)
		return failed;
	km_header added = res->headers[res->header_count - 1];
	for (size_t i = 0; i + 1 < res->header_count; i++) {
		if (!km_http_same_name(res->headers[i].name, added.name))
			res->headers[kept++] = res->headers[i];
	}
	res->headers[kept++] = added;
	res->header_count = kept;
	return 0;
}
