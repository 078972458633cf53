#include "framework/http/head_parser.h"

#include <http_parser.h>

#include "framework/http/field.h"
#include "framework/http/head_check.h"
#include "framework/http/target.h"

#define METHOD(number, name, string) [number] = KM_STR(#string),
static const km_str methods[] = {HTTP_METHOD_MAP(METHOD)};

km_str km_http_method(km_str text)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (i != HTTP_CONNECT && km_str_equal(text, methods[i]))
			return methods[i];
	}
	return (km_str){NULL, 0};
}

/* --- tokens: http-parser's callbacks --- */

struct tokens {
	km_str target;
	km_header *fields;
	size_t count, most; /* `most` is what the scan counted */
	bool complete;
};

/* The parser has the whole head at once: each token arrives in one piece. */
static int on_url(http_parser *parser, const char *at, size_t len)
{
	((struct tokens *)parser->data)->target = (km_str){at, len};
	return 0;
}

static int on_field(http_parser *parser, const char *at, size_t len)
{
	struct tokens *tokens = parser->data;

	if (tokens->count == tokens->most)
		return 1;
	tokens->fields[tokens->count].name = (km_str){at, len};
	return 0;
}

static int on_value(http_parser *parser, const char *at, size_t len)
{
	struct tokens *tokens = parser->data;

	tokens->fields[tokens->count++].value = (km_str){at, len};
	return 0;
}

/* Returns 1: no body follows. body_decoder reads it, because http-parser reads bodies leniently. */
static int on_headers_complete(http_parser *parser)
{
	((struct tokens *)parser->data)->complete = true;
	return 1;
}

static bool read_tokens(http_parser *parser, struct tokens *tokens, const char *head, size_t len)
{
	static const http_parser_settings settings = {
		.on_url = on_url,
		.on_header_field = on_field,
		.on_header_value = on_value,
		.on_headers_complete = on_headers_complete,
	};

	http_parser_init(parser, HTTP_REQUEST);
	parser->data = tokens;
	parser->lenient_http_headers = 1; /* the scan and head_check are strict */
	if (len > HTTP_MAX_HEADER_SIZE)
		http_parser_set_max_header_size(UINT32_MAX); /* the scan applied our limit */
	http_parser_execute(parser, &settings, head, len);
	return HTTP_PARSER_ERRNO(parser) == HPE_OK && tokens->complete &&
	       tokens->count == tokens->most;
}

/* --- meaning --- */

/* Returns the status for a head that http-parser refused, and for CONNECT: 501 for a method that
 * the server does not implement. */
static __attribute__((cold)) int refuse(const http_parser *parser, km_str line)
{
	const char *space = memchr(line.ptr, ' ', line.len);
	bool unknown =
		HTTP_PARSER_ERRNO(parser) == HPE_INVALID_METHOD || parser->method == HTTP_CONNECT;
	int minor;

	if (!unknown || !space || !km_http_is_token((km_str){line.ptr, (size_t)(space - line.ptr)}))
		return 400;
	int status = km_http_check_version(line, &minor);
	return status ? status : 501;
}

/* The line is the method, one space, the target and the version (RFC 9112 section 3). */
static int check_line(const http_parser *parser, km_str line, km_str target,
		      km_http_request *request)
{
	request->method = methods[parser->method];
	if (target.ptr != line.ptr + request->method.len + 1 ||
	    target.ptr + target.len != line.ptr + line.len - KM_HTTP_VERSION_LEN)
		return 400;
	return km_http_check_version(line, &request->minor);
}

/* Terminates the field, and cuts the blanks after its value. */
static void terminate(char *head, km_header *field)
{
	km_str *value = &field->value;

	head[field->name.ptr + field->name.len - head] = '\0';
	while (value->len > 0 && km_http_is_blank(value->ptr[value->len - 1]))
		value->len--;
	if (value->len == 0) /* http-parser puts an empty value into the next line */
		value->ptr = field->name.ptr + field->name.len;
	head[value->ptr + value->len - head] = '\0';
}

static int take_fields(char *head, const http_parser *parser, km_http_request *request)
{
	km_http_seen seen = {0};

	if (parser->flags & F_CONTENTLENGTH) {
		if (parser->content_length > INT64_MAX)
			return 400;
		request->content_length = (int64_t)parser->content_length;
	}
	for (size_t i = 0; i < request->header_count; i++) {
		terminate(head, &request->headers[i]);
		int status = km_http_check_field(request, &request->headers[i], &seen);
		if (status)
			return status;
	}
	return km_http_check_seen(request, &seen);
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

	head[text.ptr - head + (ptrdiff_t)text.len] = '\0'; /* the space after it */
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
	km_str line = {head, scan->headers - scan->start - 2};
	struct tokens tokens = {.most = scan->fields};
	http_parser parser;

	*request = (km_http_request){.content_length = -1, .body = KM_STR("")};
	/* One more for the Host of an absolute target. */
	tokens.fields = km_arena_alloc(arena, (scan->fields + 1) * sizeof *tokens.fields);
	if (!tokens.fields)
		return 500;
	bool read = read_tokens(&parser, &tokens, head, scan->line - scan->start);
	if (!read || parser.method == HTTP_CONNECT)
		return refuse(&parser, line);
	request->headers = tokens.fields;
	request->header_count = tokens.count;
	int status = check_line(&parser, line, tokens.target, request);
	if (!status)
		status = take_fields(head, &parser, request);
	return status ? status : parse_target(head, tokens.target, arena, request);
}
