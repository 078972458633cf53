#include "framework/app/response.h"

#include "framework/http/field.h"
#include "framework/http/status.h"
#include "framework/wsgi/start_response.h"
#include "framework/wsgi/environ.h"
#include "framework/base/escaped_fork.h"

typedef struct response_body {
	km_body body; /* first member */
	km_response *res;
	bool done; /* next has no more chunks */
} response_body;

static int next(km_body *self, km_str *chunk)
{
	response_body *body = (response_body *)self;
	km_response *res = body->res;

	if (body->done)
		return 0;
	if (res->next) {
		const km_http_request *request = res->environ->request;
		int got = res->next(res->context, chunk);
		km_escaped_fork_check(request->method.ptr, request->target.ptr);
		return got;
	}
	body->done = true;
	*chunk = res->bytes;
	return 1;
}

static void close_body(km_body *self)
{
	km_response_clear(((response_body *)self)->res);
}

/* Whether to keep a header that the handler set. Content-Length is the length of the body, not what
 * the handler says, unless the body is a stream. */
static bool is_kept(const km_response *res, const km_header *header, bool content)
{
	if (km_http_name_is(header->name, "content-length"))
		return content && res->next;
	return content || !km_http_name_is(header->name, "content-type");
}

static bool has_content_type(const km_response *res)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (km_http_name_is(res->headers[i].name, "content-type"))
			return true;
	}
	return false;
}

static int start(km_response *res, bool content, km_start_response *start_response)
{
	km_header *headers =
		km_arena_alloc(res->environ->arena, (res->header_count + 1) * sizeof *headers);
	size_t count = 0;

	if (!headers)
		return KM_ENOMEM;
	if (content && res->content_type.ptr && !has_content_type(res))
		headers[count++] = (km_header){KM_STR("Content-Type"), res->content_type};
	for (size_t i = 0; i < res->header_count; i++) {
		if (is_kept(res, &res->headers[i], content))
			headers[count++] = res->headers[i];
	}
	return km_start_response_lend(start_response, res->status, headers, count);
}

km_body *km_response_send(km_response *res, km_start_response *start_response)
{
	response_body *body = km_arena_alloc(res->environ->arena, sizeof *body);
	bool content = km_http_status_has_content(res->status);

	if (!body || start(res, content, start_response)) {
		km_response_clear(res);
		return NULL;
	}
	body->res = res;
	body->done = !content || (!res->next && res->bytes.len == 0);
	/* The server writes its batch of responses before it calls a close: have one only where it
	 * does something. */
	body->body = (km_body){.next = next, .close = res->next ? close_body : NULL};
	body->body.length = body->done ? 0 : res->next ? -1 : (int64_t)res->bytes.len;
	return &body->body;
}
