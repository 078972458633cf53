#include "head_parser.h"

#include <http_parser.h>
#include <pthread.h>

#include "field.h"
#include "head_check.h"
#include "target.h"

struct state {
	km_header *fields;
	size_t count, capacity;
	enum { NOTHING, NAME, VALUE } last;
	bool complete;
};

/* The head is one buffer that is cut only inside values, so each name arrives in one piece. */
static int on_field(http_parser *parser, const char *at, size_t len)
{
	struct state *state = parser->data;

	if (state->count == state->capacity || state->last == NAME)
		return 1;
	state->fields[state->count++].name = (km_str){at, len};
	state->last = NAME;
	return 0;
}

/* The place of an empty value is the start of the next line. */
static int on_value(http_parser *parser, const char *at, size_t len)
{
	struct state *state = parser->data;

	if (state->last == NOTHING)
		return 1;
	km_str *value = &state->fields[state->count - 1].value;
	if (state->last == VALUE) {
		len += (size_t)(at - value->ptr);
		at = value->ptr;
	}
	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
		len--;
	*value = len ? (km_str){at, len} : KM_STR("");
	state->last = VALUE;
	return 0;
}

/* 1: no body, as far as this parser is concerned. Its body framing is lenient; ours is not. */
static int on_headers_complete(http_parser *parser)
{
	((struct state *)parser->data)->complete = true;
	return 1;
}

static const http_parser_settings settings = {
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_headers_complete,
};

/* The request line is head_check's and target's affair: parsers start behind one. */
static const char some_line[] = "GET / HTTP/1.1\r\n";
static http_parser behind_line;

static void make_behind_line(void)
{
	http_parser_init(&behind_line, HTTP_REQUEST);
	http_parser_execute(&behind_line, &settings, some_line, sizeof some_line - 1);
}

static bool execute(http_parser *parser, const char *at, const char *stop)
{
	return http_parser_execute(parser, &settings, at, (size_t)(stop - at)) ==
	       (size_t)(stop - at);
}

/* Inside a value the parser would only look for its end, two cycles a byte, and head_scan knows
 * that. Where its bytes mean something, as in Content-Length, head_check reads all of them. */
static bool skip_long_values(http_parser *parser, const char *head, const km_http_head_scan *scan,
			     const char **at)
{
	for (size_t i = 0; i < scan->long_count; i++) {
		const struct km_http_long_value *value = &scan->long_values[i];
		const char *cut = head + (value->colon - scan->start) + 1;
		const char *stop = head + (value->end - scan->start);
		while (cut < stop && (*cut == ' ' || *cut == '\t'))
			cut++;
		if (cut == stop)
			continue;
		cut++; /* its first byte is the parser's too */
		if (!execute(parser, *at, cut))
			return false;
		*at = stop;
	}
	return true;
}

static bool split_fields(const char *head, const km_http_head_scan *scan, struct state *state)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *at = head + (scan->headers - scan->start);
	const char *stop = head + (scan->line - scan->start);

	pthread_once(&once, make_behind_line);
	if ((size_t)(stop - at) > HTTP_MAX_HEADER_SIZE - sizeof some_line)
		http_parser_set_max_header_size(UINT32_MAX); /* head_scan has applied our limit */
	http_parser parser = behind_line;
	parser.data = state;
	/* Values are checked once, by head_scan and head_check, which also refuses length and
	 * chunks together. */
	parser.lenient_http_headers = 1;
	if (!skip_long_values(&parser, head, scan, &at))
		return false;
	/* The return value falls short by the last byte for Upgrade, which we ignore. */
	size_t used = http_parser_execute(&parser, &settings, at, (size_t)(stop - at));
	return state->complete && used + 1 >= (size_t)(stop - at) &&
	       HTTP_PARSER_ERRNO(&parser) == HPE_OK && state->last != NAME &&
	       state->count == scan->fields;
}

/* The byte behind a name is its colon; behind a value a blank or the CR; behind the target a space.
 */
static void terminate(char *head, km_str text)
{
	head[text.ptr - head + (ptrdiff_t)text.len] = '\0';
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

	terminate(head, text);
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
	km_http_request_line line;

	*request = (km_http_request){.content_length = -1, .body = KM_STR("")};
	int status =
		km_http_check_request_line((km_str){head, scan->headers - scan->start - 2}, &line);
	if (status)
		return status;
	/* One more for the Host of an absolute target. */
	struct state state = {.capacity = scan->fields};
	state.fields = km_arena_alloc(arena, (scan->fields + 1) * sizeof *state.fields);
	if (!state.fields)
		return 500;
	if (!split_fields(head, scan, &state))
		return 400;

	request->method = line.method;
	request->minor = line.minor > 0; /* 1.2 is served as 1.1 (RFC 9112 section 2.3) */
	request->headers = state.fields;
	request->header_count = state.count;
	status = km_http_check_fields(request);
	if (status)
		return status;
	for (size_t i = 0; i < state.count; i++) {
		terminate(head, state.fields[i].name);
		if (state.fields[i].value.len)
			terminate(head, state.fields[i].value);
	}
	return parse_target(head, line.target, arena, request);
}
