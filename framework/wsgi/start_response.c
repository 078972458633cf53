#include "framework/wsgi/start_response.h"

#include "framework/http/field.h"

static bool is_valid(const km_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!km_http_is_token(headers[i].name) || !headers[i].value.ptr ||
		    !km_http_is_field_value(headers[i].value))
			return false;
	}
	return true;
}

/* Copies names and values into one block of memory. */
static km_header *copy_headers(km_arena *arena, const km_header *headers, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += headers[i].name.len + headers[i].value.len + 2;
	km_header *copies = km_arena_alloc(arena, count * sizeof *copies + size);
	if (!copies)
		return NULL;
	char *at = (char *)(copies + count);
	for (size_t i = 0; i < count; i++) {
		const km_str parts[2] = {headers[i].name, headers[i].value};
		copies[i].name = (km_str){at, parts[0].len};
		copies[i].value = (km_str){at + parts[0].len + 1, parts[1].len};
		for (int part = 0; part < 2; part++) {
			memcpy(at, parts[part].ptr, parts[part].len);
			at += parts[part].len;
			*at++ = '\0';
		}
	}
	return copies;
}

static void set_response(km_wsgi_response *response, int status, km_header *headers, size_t count)
{
	response->status = status;
	response->headers = headers;
	response->header_count = count;
}

static int start_response(km_start_response *self, int status, const km_header *headers,
			  size_t count)
{
	km_wsgi_response *response = (km_wsgi_response *)self;

	if (response->sent)
		return KM_ESTATE;
	if (status < 100 || status > 999 || (count && !headers) || !is_valid(headers, count))
		return KM_EINVAL;
	km_header *copies = count ? copy_headers(response->arena, headers, count) : NULL;
	if (count && !copies)
		return KM_ENOMEM;
	set_response(response, status, copies, count);
	return 0;
}

int km_start_response_lend(km_start_response *self, int status, km_header *headers, size_t count)
{
	km_wsgi_response *response = (km_wsgi_response *)self;

	if (self->call != start_response || response->sent)
		return self->call(self, status, headers, count);
	set_response(response, status, headers, count);
	return 0;
}

void km_wsgi_response_init(km_wsgi_response *response, km_arena *arena)
{
	*response = (km_wsgi_response){.start_response = {start_response}, .arena = arena};
}
