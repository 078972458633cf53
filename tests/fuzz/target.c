/* Request targets: absolute and origin form, percent-decoding, the query string. */
#include "framework/http/query.h"
#include "framework/http/head_check.h"
#include "framework/http/percent.h"
#include "framework/http/target.h"
#include "tests/fuzz/fuzz.h"

static char *terminated(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	MUST(copy);
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

/* Escapes every byte, and checks that decoding restores the text. */
static void escape_and_decode(km_str text)
{
	char *escaped = malloc(3 * text.len + 1), *decoded = malloc(text.len + 1);

	MUST(escaped && decoded);
	for (size_t i = 0; i < text.len; i++)
		snprintf(escaped + 3 * i, 4, "%%%02x", (unsigned char)text.ptr[i]);
	ssize_t len = km_http_percent_decode((km_str){escaped, 3 * text.len}, escaped);
	if (memchr(text.ptr, '\0', text.len))
		MUST(len == KM_EINVAL);
	else
		MUST(len == (ssize_t)text.len && !memcmp(escaped, text.ptr, text.len));
	free(escaped);
	free(decoded);
}

static void decode(const uint8_t *bytes, size_t len)
{
	char *text = terminated(bytes, len), *apart = malloc(len + 1);
	ssize_t count = km_http_percent_decode((km_str){text, len}, apart);

	MUST(count <= (ssize_t)len);
	escape_and_decode((km_str){text, len});
	MUST(km_http_percent_decode((km_str){text, len}, text) == count);
	MUST(count < 0 || !memcmp(text, apart, (size_t)count));
	free(text);
	free(apart);
}

static void find_in_query(km_str query)
{
	char *decoded = malloc(query.len + 1);
	km_str value;

	MUST(decoded);
	if (km_query_find(query, KM_STR("a"), &value)) {
		MUST(value.ptr >= query.ptr && value.ptr + value.len <= query.ptr + query.len);
		size_t len = km_query_decode(value, decoded);
		MUST(len <= value.len && !memchr(decoded, '\0', len));
	}
	free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = terminated(bytes, len);
	km_http_request request = {.method = KM_STR("OPTIONS")};
	km_arena arena = {0};
	km_str authority;
	int status = km_http_target_parse((km_str){text, len}, &arena, &request, &authority);

	MUST(status == 0 || status == 400);
	if (status == 0) {
		MUST(request.path.len > 0 && request.path.len <= len + 1);
		MUST(request.path.ptr[0] == '/' || km_str_equal(request.path, KM_STR("*")));
		MUST(strlen(request.path.ptr) == request.path.len);
		MUST(strlen(request.target.ptr) == request.target.len);
		if (request.query.ptr)
			find_in_query(request.query);
		if (authority.ptr)
			km_http_is_host(authority);
	}
	km_arena_finish(&arena);
	free(text);
	decode(bytes, len);
	return 0;
}
