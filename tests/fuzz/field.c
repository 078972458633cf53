/* Field names and values of requests and responses: compares the checks with the plainest reading
 * of the grammar. */
#include <ctype.h>
#include <errno.h>

#include "framework/http/field.h"
#include "framework/http/response_head.h"
#include "framework/wsgi/start_response.h"
#include "tests/fuzz/fuzz.h"

static bool plain_token(km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if (byte >= 0x80 ||
		    (!isalnum(byte) && (byte == 0 || !strchr("!#$%&'*+-.^_`|~", byte))))
			return false;
	}
	return text.len > 0;
}

static bool plain_value(km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if (byte != '\t' && (byte < ' ' || byte == 127))
			return false;
	}
	return true;
}

static void check_length(km_str text, const char *terminated)
{
	int64_t number = 0;
	bool digits = text.len > 0 && strspn(terminated, "0123456789") == text.len;

	errno = 0;
	long long wanted = digits ? strtoll(terminated, NULL, 10) : 0;
	bool valid = digits && errno == 0;
	MUST(km_http_parse_length(text, &number) == valid);
	MUST(!valid || number == wanted);
}

static size_t count_lines(const char *head, size_t len)
{
	size_t lines = 0;
	const char *at = head, *end = head + len;

	while ((at = memmem(at, (size_t)(end - at), "\r\n", 2))) {
		lines++;
		at += 2;
	}
	return lines;
}

/* Sends a field through start_response: one field is one line. */
static void send_field(km_str name, km_str value)
{
	km_arena arena = {0};
	km_wsgi_response response;
	const km_header given = {name, value};

	km_wsgi_response_init(&response, &arena);
	int failed = response.start_response.call(&response.start_response, 200, &given, 1);
	MUST(failed == (plain_token(name) && plain_value(value) ? 0 : KM_EINVAL));
	if (!failed) {
		const km_http_response_head head = {
			.status = 200,
			.fields = response.headers,
			.count = response.header_count,
			.content_length = -1,
		};
		size_t bound = km_http_response_head_bound(&head);
		char *out = malloc(bound);
		MUST(out);
		size_t len = km_http_response_head_write(&head, out);
		MUST(len <= bound && count_lines(out, len) == 3);
		free(out);
	}
	km_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	MUST(text);
	memcpy(text, bytes, len);
	text[len] = '\0';
	km_str all = {text, len};
	const char *colon = memchr(text, ':', len);
	size_t split = colon ? (size_t)(colon - text) : 0;
	km_str name = {text, split}, value = {text + split + !!colon, len - split - !!colon};

	MUST(km_http_is_token(all) == plain_token(all));
	MUST(km_http_is_field_value(all) == plain_value(all));
	check_length(all, text);
	if (km_http_list_has(value, "close"))
		MUST(len >= 5);
	send_field(name, value);
	free(text);
	return 0;
}
