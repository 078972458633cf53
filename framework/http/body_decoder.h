/* Takes a request's body out of its framing, strictly: Content-Length and chunked (RFC 9112
 * sections 6 and 7). Nothing is copied; trailers are read, checked and dropped. */
#ifndef KM_HTTP_BODY_DECODER_H
#define KM_HTTP_BODY_DECODER_H

#include "framework/http/request.h"

typedef struct km_http_body_decoder {
	int state;
	uint8_t digits;	   /* of the chunk size under way */
	uint64_t left;	   /* bytes of the body or the chunk still to come */
	uint64_t total;	   /* body bytes announced so far */
	uint64_t max;	   /* bound of total */
	uint32_t overhead; /* bytes of chunk extensions and trailers so far */
	uint32_t trailers; /* fields */
} km_http_body_decoder;

enum km_http_body_result {
	KM_HTTP_BODY_MORE = 0, /* the input is used up, the body goes on */
	KM_HTTP_BODY_DATA = 1, /* `data` is the body's next run, and may be called again */
	KM_HTTP_BODY_END = 2,  /* the body is complete; the input stands behind it */
			       /* and from 400 on the status to refuse with: 400, 413, 431 */
};

/* Returns 0, or 413 when the Content-Length is above `max` bytes. */
int km_http_body_init(km_http_body_decoder *decoder, const km_http_request *request, size_t max);
/* Takes bytes from the front of `input`. `data` is a view into them, set with KM_HTTP_BODY_DATA. */
int km_http_body_next(km_http_body_decoder *decoder, km_str *input, km_str *data);

#endif
