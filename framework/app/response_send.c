#include "framework/app/response.h"

#include <stdio.h>

#include "framework/http/field.h"
#include "framework/http/status.h"
#include "framework/wsgi/start_response.h"
#include "framework/wsgi/environ.h"
#include "framework/base/escaped_fork.h"

typedef struct response_body {
	km_body body; /* first member */
	km_response *res;
	bool done; /* nothing (more) to hand out */
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

/* Whether a header of the handler's stays: the length of content that is here is counted, not
 * claimed, and content that is not there has no type or length. */
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

static int start(km_response *res, bool head, bool content, km_start_response *start_response)
{
	km_arena *arena = res->environ->arena;
	km_header *headers = km_arena_alloc(arena, (res->header_count + 2) * sizeof *headers);
	size_t count = 0;

	if (!headers)
		return KM_ENOMEM;
	if (content && res->content_type.ptr && !has_content_type(res))
		headers[count++] = (km_header){KM_STR("Content-Type"), res->content_type};
	for (size_t i = 0; i < res->header_count; i++) {
		if (is_kept(res, &res->headers[i], content))
			headers[count++] = res->headers[i];
	}
	if (head && content && !res->next) {
		char length[24];
		int digits = snprintf(length, sizeof length, "%zu", res->bytes.len);
		char *copy = km_arena_copy(arena, length, (size_t)digits);
		if (!copy)
			return KM_ENOMEM;
		headers[count++] = (km_header){KM_STR("Content-Length"), {copy, (size_t)digits}};
	}
	return km_start_response_lend(start_response, res->status, headers, count);
}

km_body *km_response_send(km_response *res, bool head, km_start_response *start_response)
{
	response_body *body = km_arena_alloc(res->environ->arena, sizeof *body);
	bool content = km_http_status_has_content(res->status);

	if (!body || start(res, head, content, start_response)) {
		km_response_clear(res);
		return NULL;
	}
	body->res = res;
	body->done = head || !content || (!res->next && res->bytes.len == 0);
	/* A server that batches answers writes before it calls a close: no close where none is
	 * needed. */
	body->body = (km_body){.next = next, .close = res->next ? close_body : NULL};
	if (res->next)
		body->body.length = head || !body->done ? -1 : 0;
	else
		body->body.length = body->done ? 0 : (int64_t)res->bytes.len;
	return &body->body;
}
