/* The response that a handler fills, and its way to WSGI's start_response and body. */
#ifndef KM_APP_RESPONSE_H
#define KM_APP_RESPONSE_H

#include <komori/komori.h>

struct km_response {
	km_environ *environ;
	int status;	     /* 0 until the handler sets a response */
	km_str content_type; /* {NULL, 0}: none */
	km_str bytes;	     /* the content, unless `next` is set */
	km_header *headers;  /* what km_response_header set, in order */
	size_t header_count, header_capacity;
	/* A streamed response. `close` is cleared after its call. */
	int (*next)(void *context, km_str *chunk);
	void (*close)(void *context);
	void *context;
	bool misused; /* the handler passed an invalid argument: a 500, whatever it returns */
};

/* Logs what the handler did wrong, and sets `misused`. Returns KM_EINVAL. */
int km_response_misuse(km_response *res, const char *format, ...) KM_PRINTF(2, 3);
/* Drops the response so far, headers too; closes a stream. */
void km_response_clear(km_response *res);
/* Sets status and content. Borrows both strings for as long as the request lives. */
int km_response_set(km_response *res, int status, km_str content_type, km_str bytes);
/* Calls start_response and returns the body; NULL when that failed. The body is empty for a status
 * that has no content. The response must live until the body is closed. */
km_body *km_response_send(km_response *res, km_start_response *start_response);

#endif
