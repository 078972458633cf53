/* The answer that a handler fills, and how it becomes WSGI's start_response and body. */
#ifndef KM_APP_RESPONSE_H
#define KM_APP_RESPONSE_H

#include <komori/komori.h>

struct km_response {
	km_environ *environ;
	int status;	     /* 0 until the handler answered */
	km_str content_type; /* {NULL, 0}: none */
	km_str bytes;	     /* the content, unless `next` is set */
	km_header *headers;  /* what km_response_header set, in order */
	size_t header_count, header_capacity;
	/* A streamed answer. `close` is cleared when it has run. */
	int (*next)(void *context, km_str *chunk);
	void (*close)(void *context);
	void *context;
	bool misused; /* the handler asked for an answer that cannot be: its fault, not the client's
		       */
};

/* Tells so on the log; `what` is what the handler answers with. Returns KM_EINVAL. */
int km_response_misuse(km_response *res, const char *format, ...) KM_PRINTF(2, 3);

/* Forgets the answer so far, headers too; closes a stream. */
void km_response_clear(km_response *res);
/* Sets status and content; both strings are borrowed for as long as the request lives. */
int km_response_set(km_response *res, int status, km_str content_type, km_str bytes);
/* Calls start_response and returns the body; NULL when that failed. For a HEAD request, and for a
 * status that has no content, the body is empty; HEAD keeps the Content-Length that GET would have
 * (RFC 9110 section 9.3.2). The response must live until the body was closed. */
km_body *km_response_send(km_response *res, bool head, km_start_response *start_response);

#endif
