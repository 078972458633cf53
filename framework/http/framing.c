#include "framework/http/framing.h"

#include <http_parser.h>
#include <limits.h>
#include <pthread.h>

#include "framework/http/field.h"

struct reading {
	size_t fields; /* seen by the parser */
	uint64_t length;
	bool chunked, complete;
};

static int on_field(http_parser *parser, const char *at, size_t len)
{
	(void)at;
	(void)len;
	((struct reading *)parser->data)->fields++; /* one buffer: each name arrives in one piece */
	return 0;
}

/* 1: no body, as far as this parser is concerned. Its body framing is lenient; ours is not. */
static int on_headers_complete(http_parser *parser)
{
	struct reading *reading = parser->data;

	reading->length = parser->content_length;
	reading->chunked = parser->flags & F_CHUNKED;
	reading->complete = true;
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

/* Whether the field means something to the parser. */
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

static char *put(char *at, km_str text)
{
	memcpy(at, text.ptr, text.len);
	return at + text.len;
}

static bool agrees(const km_http_request *request, const struct reading *reading, size_t fields)
{
	uint64_t length =
		request->content_length < 0 ? ULLONG_MAX : (uint64_t)request->content_length;

	return reading->complete && reading->fields == fields &&
	       reading->chunked == request->chunked && reading->length == length;
}

/* `text` has room for all fields with the empty line. */
static bool read_again(const km_http_request *request, char *text)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct reading reading = {0};
	size_t fields = 0;
	char *at = text;

	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *field = &request->headers[i];
		if (!is_for_parser(field->name))
			continue;
		at = put(at, field->name);
		*at++ = ':';
		at = put(at, field->value);
		*at++ = '\n'; /* enough for the parser, and a step less than CRLF */
		fields++;
	}
	*at++ = '\n';
	size_t len = (size_t)(at - text);
	pthread_once(&once, make_behind_line);
	if (len > HTTP_MAX_HEADER_SIZE - sizeof some_line)
		http_parser_set_max_header_size(UINT32_MAX); /* head_scan has applied our limit */
	http_parser parser = behind_line;
	parser.data = &reading;
	/* Values are checked already, and head_check refuses length and chunks together. */
	parser.lenient_http_headers = 1;
	/* The return value falls short by the last byte for Upgrade, which we ignore. */
	size_t used = http_parser_execute(&parser, &settings, text, len);
	return used + 1 >= len && HTTP_PARSER_ERRNO(&parser) == HPE_OK &&
	       agrees(request, &reading, fields);
}

int km_http_check_framing(const km_http_request *request, km_arena *arena)
{
	size_t size = 1;

	for (size_t i = 0; i < request->header_count; i++)
		size += request->headers[i].name.len + request->headers[i].value.len + 2;
	char *text = km_arena_alloc(arena, size);
	if (!text)
		return 500;
	return read_again(request, text) ? 0 : 400;
}
