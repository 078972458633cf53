/* Request heads: what is accepted, http-parser accepts too when it reads all of it, and every
 * string is terminated inside the head. */
#include <http_parser.h>

#include "framework/base/buffer.h"
#include "framework/http/field.h"
#include "framework/http/head_check.h"
#include "framework/http/head_parser.h"
#include "framework/http/head_scan.h"
#include "tests/fuzz/fuzz.h"

static const km_http_limits limits = {.request_line = 200, .headers = 800, .header_count = 20};

static int stop(http_parser *parser)
{
	(void)parser;
	return 1; /* no body */
}

/* The request line as it came, and the fields as they were read. */
static km_buffer written_again(km_str line, const km_http_request *request)
{
	km_buffer text = {0};

	km_buffer_append(&text, line.ptr, line.len);
	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *field = &request->headers[i];
		km_buffer_append(&text, field->name.ptr, field->name.len);
		km_buffer_text(&text, ": ");
		km_buffer_append(&text, field->value.ptr, field->value.len);
		km_buffer_text(&text, "\r\n");
	}
	km_buffer_text(&text, "\r\n");
	MUST(!text.failed);
	return text;
}

/* Whether http-parser accepts it. */
static bool is_accepted(km_str line, const km_http_request *request)
{
	static const http_parser_settings settings = {.on_headers_complete = stop};
	km_buffer text = written_again(line, request);
	http_parser parser;

	http_parser_init(&parser, HTTP_REQUEST);
	size_t used = http_parser_execute(&parser, &settings, text.data, text.len);
	bool accepted = used + 1 >= text.len && HTTP_PARSER_ERRNO(&parser) == HPE_OK;
	km_buffer_finish(&text);
	return accepted;
}

/* http-parser takes every name that begins with Transfer-Encoding for it, where it looks whether a
 * Content-Length may stand beside it. */
static bool has_name_like_transfer_encoding(const km_http_request *request)
{
	static const size_t len = sizeof "Transfer-Encoding" - 1;

	for (size_t i = 0; i < request->header_count; i++) {
		km_str name = request->headers[i].name;
		if (name.len > len && km_http_name_is((km_str){name.ptr, len}, "transfer-encoding"))
			return true;
	}
	return false;
}

static void check(const km_http_request *request)
{
	MUST(request->path.ptr[request->path.len] == '\0');
	MUST(!(request->chunked && request->content_length >= 0));
	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *field = &request->headers[i];
		MUST(km_http_is_token(field->name) && km_http_is_field_value(field->value));
		MUST(strlen(field->name.ptr) == field->name.len);
		MUST(strlen(field->value.ptr) == field->value.len);
	}
	km_str host = km_http_request_header(request, "host");
	MUST(request->minor == 0 || host.ptr);
	MUST(!host.ptr || km_http_is_host(host));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	km_http_head_scan scan = {0};
	km_http_request request;
	km_arena arena = {0};

	if (km_http_head_scan_bytes(&scan, (const char *)bytes, len, &limits))
		return 0;
	size_t size = scan.line - scan.start;
	char *head = malloc(size);
	MUST(head);
	memcpy(head, bytes + scan.start, size);
	km_str line = {(const char *)bytes + scan.start, scan.headers - scan.start};
	if (km_http_head_parse(head, &scan, &arena, &request) == 0) {
		MUST(is_accepted(line, &request) || has_name_like_transfer_encoding(&request));
		check(&request);
	}
	km_arena_finish(&arena);
	free(head);
	return 0;
}
