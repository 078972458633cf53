/* Body framing. The first byte chooses Content-Length or chunked, and the pieces in which the rest
 * arrives. The decoded body and its end must not depend on the pieces. */
#include "framework/base/buffer.h"
#include "framework/http/body_decoder.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BODY = 500 };

struct outcome {
	int result;  /* MORE, END or a status */
	size_t used; /* bytes of the stream */
	km_buffer body;
};

static int decode_piece(km_http_body_decoder *decoder, const uint8_t *bytes, size_t len,
			struct outcome *outcome)
{
	char *copy = malloc(len); /* ASan finds a read past it */
	km_str data, input = {copy, len};
	int result;

	MUST(copy);
	memcpy(copy, bytes, len);
	while ((result = km_http_body_next(decoder, &input, &data)) == KM_HTTP_BODY_DATA) {
		MUST(data.len > 0);
		km_buffer_append(&outcome->body, data.ptr, data.len);
	}
	outcome->used += len - input.len;
	free(copy);
	return result;
}

static struct outcome decode(const km_http_request *request, const uint8_t *bytes, size_t len,
			     uint8_t pieces)
{
	km_http_body_decoder decoder;
	struct outcome outcome = {.result = km_http_body_init(&decoder, request, MAX_BODY)};

	for (size_t at = 0; at < len && outcome.result == KM_HTTP_BODY_MORE;) {
		size_t size = fuzz_piece(pieces, at, len - at);
		outcome.result = decode_piece(&decoder, bytes + at, size, &outcome);
		at += size;
	}
	MUST(outcome.body.len <= MAX_BODY);
	if (outcome.result == KM_HTTP_BODY_END && request->chunked)
		MUST(outcome.body.len == decoder.total);
	else if (outcome.result == KM_HTTP_BODY_END && request->content_length > 0)
		MUST(outcome.body.len == (size_t)request->content_length);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len < 1)
		return 0;
	km_http_request request = {.content_length = -1, .chunked = bytes[0] & 1};
	if (!request.chunked)
		request.content_length = bytes[0];
	struct outcome whole = decode(&request, bytes + 1, len - 1, 0);
	struct outcome parts = decode(&request, bytes + 1, len - 1, (uint8_t)(bytes[0] >> 1) | 1);
	MUST(whole.result == parts.result);
	MUST(whole.used == parts.used || whole.result >= 400);
	MUST(whole.body.len == parts.body.len);
	MUST(whole.body.len == 0 || !memcmp(whole.body.data, parts.body.data, whole.body.len));
	km_buffer_finish(&whole.body);
	km_buffer_finish(&parts.body);
	return 0;
}
