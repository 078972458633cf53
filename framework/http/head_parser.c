#include "framework/http/head_parser.h"

#include "framework/http/field.h"
#include "framework/http/framing.h"
#include "framework/http/head_check.h"
#include "framework/http/target.h"

/* A view of [at, end) without the blanks around it, terminated: `end` is the field's CRLF. */
static km_str trimmed(char *at, char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return (km_str){at, (size_t)(end - at)};
}

struct place {
	char *colon, *end; /* before CRLF */
};

/* Of a field whose place the scan did not note: it starts at `line`. */
static __attribute__((noinline)) struct place find_place(char *line, const char *head_end)
{
	struct place place;

	place.colon = memchr(line, ':', (size_t)(head_end - line));
	place.end = memchr(place.colon, '\r', (size_t)(head_end - place.colon));
	return place;
}

static int take_fields(char *head, const km_http_head_scan *scan, km_http_request *request,
		       km_http_seen *seen)
{
	const char *head_end = head + (scan->line - scan->start);
	char *line = head + (scan->headers - scan->start);

	for (size_t i = 0; i < scan->fields; i++) {
		struct place place;
		if (i < KM_HTTP_PLACES && scan->places[i].colon)
			place = (struct place){head + (scan->places[i].colon - scan->start),
					       head + (scan->places[i].end - scan->start)};
		else
			place = find_place(line, head_end);
		*place.colon = '\0';
		km_header *field = &request->headers[i];
		field->name = (km_str){line, (size_t)(place.colon - line)};
		field->value = trimmed(place.colon + 1, place.end);
		int status = km_http_check_field(request, field, seen);
		if (status)
			return status;
		line = place.end + 2;
	}
	request->header_count = scan->fields;
	return km_http_check_seen(request, seen);
}

/* An absolute target overrides Host (RFC 9112 section 3.2.2). */
static void set_host(km_http_request *request, km_str host)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (km_http_name_is(request->headers[i].name, "host")) {
			request->headers[i].value = host;
			return;
		}
	}
	request->headers[request->header_count++] = (km_header){KM_STR("Host"), host};
}

static int parse_target(char *head, km_str text, km_arena *arena, km_http_request *request)
{
	km_str authority;

	head[text.ptr - head + (ptrdiff_t)text.len] = '\0'; /* the space behind it */
	int status = km_http_target_parse(text, arena, request, &authority);
	if (status || !authority.ptr)
		return status;
	if (!km_http_is_host(authority))
		return 400;
	char *host = km_arena_copy(arena, authority.ptr, authority.len);
	if (!host)
		return 500;
	set_host(request, (km_str){host, authority.len});
	return 0;
}

int km_http_head_parse(char *head, const km_http_head_scan *scan, km_arena *arena,
		       km_http_request *request)
{
	km_http_seen seen = {0};
	km_str line = {head, scan->headers - scan->start - 2}, target;

	*request = (km_http_request){.content_length = -1, .body = KM_STR("")};
	int status = km_http_check_request_line(line, request, &target);
	if (status)
		return status;
	/* One more for the Host of an absolute target. */
	request->headers = km_arena_alloc(arena, (scan->fields + 1) * sizeof *request->headers);
	if (!request->headers)
		return 500;
	status = take_fields(head, scan, request, &seen);
	if (!status && seen.framed)
		status = km_http_check_framing(request, arena);
	return status ? status : parse_target(head, target, arena, request);
}
