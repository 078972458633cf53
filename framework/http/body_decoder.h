/* Decodes the body of a request, strictly: Content-Length and chunked (RFC 9112 sections 6 and 7).
 * Copies nothing. Checks trailers, and drops them. */
#ifndef KM_HTTP_BODY_DECODER_H
#define KM_HTTP_BODY_DECODER_H

#include "framework/http/request.h"

typedef struct km_http_body_decoder {
	int state;
	uint8_t digits;	   /* of the current chunk size, so far */
	uint64_t left;	   /* remaining bytes of the body or the chunk */
	uint64_t total;	   /* body bytes announced so far */
	uint64_t max;	   /* bound of `total` */
	uint32_t overhead; /* bytes of chunk extensions and trailers so far */
	uint32_t trailers; /* fields */
} km_http_body_decoder;

enum km_http_body_result {
	KM_HTTP_BODY_MORE = 0, /* the input is empty, the body incomplete */
	KM_HTTP_BODY_DATA = 1, /* `data` is the next run of the body */
	KM_HTTP_BODY_END = 2,  /* the body is complete; `input` starts after it */
			       /* 400, 413, 431: the status to refuse with */
};

/* Returns 0, or 413 when the Content-Length is above `max` bytes. */
int km_http_body_init(km_http_body_decoder *decoder, const km_http_request *request, size_t max);
/* Takes bytes from the front of `input`. With KM_HTTP_BODY_DATA, sets `data` to a view into them.
 */
int km_http_body_next(km_http_body_decoder *decoder, km_str *input, km_str *data);

#endif
