/* Request heads: the parts of an accepted head equal those that the plainest reading of its bytes
 * finds, every string is terminated inside the head, and the framing is unambiguous. */
#include "framework/base/buffer.h"
#include "framework/http/field.h"
#include "framework/http/head_check.h"
#include "framework/http/head_parser.h"
#include "framework/http/head_scan.h"
#include "tests/fuzz/fuzz.h"

static const km_http_limits limits = {.request_line = 200, .headers = 800, .header_count = 20};

/* Cuts the next line, with its CRLF, off the front of `text`. */
static km_str cut_line(km_str *text)
{
	const char *end = memmem(text->ptr, text->len, "\r\n", 2);

	MUST(end);
	km_str line = {text->ptr, (size_t)(end - text->ptr)};
	text->ptr = end + 2;
	text->len -= line.len + 2;
	return line;
}

static km_str trim(km_str text)
{
	while (text.len > 0 && km_http_is_blank(*text.ptr))
		text = (km_str){text.ptr + 1, text.len - 1};
	while (text.len > 0 && km_http_is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* METHOD SP target SP HTTP/1.x; the request has the target without its scheme and authority. */
static void check_line(km_str line, const km_http_request *request)
{
	const char *first = memchr(line.ptr, ' ', line.len);
	const char *last = memrchr(line.ptr, ' ', line.len);

	MUST(first && last && first < last);
	MUST(km_str_equal((km_str){line.ptr, (size_t)(first - line.ptr)}, request->method));
	MUST(line.ptr + line.len - last == 9 && !memcmp(last, " HTTP/1.", 8));
	MUST(request->minor == (last[8] != '0'));
	km_str target = {first + 1, (size_t)(last - first - 1)};
	MUST(!memchr(target.ptr, ' ', target.len));
	if (*target.ptr == '/' || *target.ptr == '*')
		MUST(km_str_equal(target, request->target));
}

/* `absolute`: the target's authority replaced the value of Host. */
static void check_field(km_str line, const km_header *field, bool absolute)
{
	const char *colon = memchr(line.ptr, ':', line.len);

	MUST(colon);
	km_str name = {line.ptr, (size_t)(colon - line.ptr)};
	km_str value = {colon + 1, (size_t)(line.ptr + line.len - colon - 1)};
	MUST(km_http_is_token(name) && km_str_equal(name, field->name));
	MUST(km_http_is_field_value(value));
	MUST(km_str_equal(trim(value), field->value) ||
	     (absolute && km_http_name_is(name, "host")));
	MUST(strlen(field->name.ptr) == field->name.len);
	MUST(strlen(field->value.ptr) == field->value.len);
}

static size_t count(const km_http_request *request, const char *name)
{
	size_t found = 0;

	for (size_t i = 0; i < request->header_count; i++)
		found += km_http_name_is(request->headers[i].name, name);
	return found;
}

static void check_framing(const km_http_request *request)
{
	km_str length = km_http_request_header(request, "content-length");
	km_str host = km_http_request_header(request, "host");
	int64_t number = -1;

	MUST(count(request, "content-length") + count(request, "transfer-encoding") <= 1);
	MUST(!length.ptr || km_http_parse_length(length, &number));
	MUST(request->content_length == number);
	MUST(request->chunked == (count(request, "transfer-encoding") == 1));
	MUST(count(request, "host") <= 1 && (request->minor == 0 || host.ptr));
	MUST(!host.ptr || km_http_is_host(host));
	MUST(request->path.ptr[request->path.len] == '\0');
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
	if (km_http_head_parse(head, &scan, &arena, &request) == 0) {
		km_str text = {(const char *)bytes + scan.start, size}, line = cut_line(&text);
		bool absolute = !memchr("/*", line.ptr[request.method.len + 1], 2);
		check_line(line, &request);
		for (size_t i = 0; i < scan.fields; i++)
			check_field(cut_line(&text), &request.headers[i], absolute);
		MUST(text.len == 2);
		MUST(request.header_count <= scan.fields + absolute);
		check_framing(&request);
	}
	km_arena_finish(&arena);
	free(head);
	return 0;
}
