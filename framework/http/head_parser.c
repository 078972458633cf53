#include "head_parser.h"

#include <http_parser.h>
#include <pthread.h>

#include "field.h"
#include "head_check.h"
#include "target.h"

struct state {
	km_header *next, *end; /* fields whose names are to come */
	bool complete;
};

/* The names are one buffer, so each arrives in one piece. */
static int on_field(http_parser *parser, const char *at, size_t len)
{
	struct state *state = parser->data;

	/* Where head_scan has found another name, or none, the two disagree. */
	if (state->next == state->end || state->next->name.len != len)
		return 1;
	state->next++->name.ptr = at;
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

/* Whether the value means something to the parser. */
static bool is_for_parser(km_str name)
{
	switch (name.len) {
	case 7:
		return km_http_name_is(name, "upgrade");
	case 10:
		return km_http_name_is(name, "connection");
	case 14:
		return km_http_name_is(name, "content-length");
	case 17:
		return km_http_name_is(name, "transfer-encoding");
	default:
		return false;
	}
}

static km_str trimmed(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return at < end ? (km_str){at, (size_t)(end - at)} : KM_STR("");
}

/* Takes the field that starts at `line`. Returns where its CRLF stands. */
static const char *take_field(const char *head, const km_http_head_scan *scan, size_t index,
			      const char *line, km_header *field)
{
	const char *colon, *end;

	if (index < KM_HTTP_PLACES && scan->places[index].colon) {
		colon = head + (scan->places[index].colon - scan->start);
		end = head + (scan->places[index].end - scan->start);
	} else {
		const char *head_end = head + (scan->line - scan->start);
		colon = memchr(line, ':', (size_t)(head_end - line));
		end = memchr(colon, '\r', (size_t)(head_end - colon));
	}
	field->name = (km_str){line, (size_t)(colon - line)};
	field->value = trimmed(colon + 1, end);
	return end;
}

/* Takes the fields, and puts at `text` what the parser reads: the names, and of the values only its
 * own. In others it would look, some six instructions a byte, for the end that head_scan knows.
 * Returns the end of it. */
static char *list_fields(const char *head, const km_http_head_scan *scan, km_header *fields,
			 char *text)
{
	const char *line = head + (scan->headers - scan->start);

	for (size_t i = 0; i < scan->fields; i++) {
		const char *end = take_field(head, scan, i, line, &fields[i]);
		km_str name = fields[i].name, value = fields[i].value;

		memcpy(text, name.ptr, name.len);
		text += name.len;
		*text++ = ':';
		if (is_for_parser(name)) {
			memcpy(text, value.ptr, value.len);
			text += value.len;
		}
		*text++ = '\n'; /* enough for the parser, and a step less than CRLF */
		line = end + 2;
	}
	*text++ = '\n';
	return text;
}

/* The names are those in `text`, which has room for all fields with the empty line. */
static bool split_fields(const char *head, const km_http_head_scan *scan, km_header *fields,
			 char *text)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct state state = {.next = fields, .end = fields + scan->fields};
	size_t len = (size_t)(list_fields(head, scan, fields, text) - text);

	pthread_once(&once, make_behind_line);
	if (len > HTTP_MAX_HEADER_SIZE - sizeof some_line)
		http_parser_set_max_header_size(UINT32_MAX); /* head_scan has applied our limit */
	http_parser parser = behind_line;
	parser.data = &state;
	/* Values are checked once, by head_scan and head_check, which also refuses length and
	 * chunks together. */
	parser.lenient_http_headers = 1;
	/* The return value falls short by the last byte for Upgrade, which we ignore. */
	size_t used = http_parser_execute(&parser, &settings, text, len);
	return state.complete && used + 1 >= len && HTTP_PARSER_ERRNO(&parser) == HPE_OK &&
	       state.next == state.end;
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
	km_header *fields = km_arena_alloc(arena, (scan->fields + 1) * sizeof *fields);
	char *text = km_arena_alloc(arena, scan->line - scan->headers);
	if (!fields || !text)
		return 500;
	if (!split_fields(head, scan, fields, text))
		return 400;

	request->method = line.method;
	request->minor = line.minor > 0; /* 1.2 is served as 1.1 (RFC 9112 section 2.3) */
	request->headers = fields;
	request->header_count = scan->fields;
	status = km_http_check_fields(request);
	if (status)
		return status;
	for (size_t i = 0; i < scan->fields; i++) {
		terminate(text, fields[i].name);
		if (fields[i].value.len)
			terminate(head, fields[i].value);
	}
	return parse_target(head, line.target, arena, request);
}
