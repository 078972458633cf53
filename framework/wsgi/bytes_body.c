#include "bytes_body.h"

static int next(km_body *self, km_str *chunk)
{
	km_bytes_body *body = (km_bytes_body *)self;

	if (body->bytes.len == 0)
		return 0;
	*chunk = body->bytes;
	body->bytes.len = 0;
	return 1;
}

km_body *km_bytes_body_init(km_bytes_body *body, km_str bytes)
{
	*body = (km_bytes_body){.body = {.next = next, .length = (int64_t)bytes.len},
				.bytes = bytes};
	return &body->body;
}
