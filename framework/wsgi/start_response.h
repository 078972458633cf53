/* The server's start_response. Keeps status and headers until the server sends the first byte. */
#ifndef KM_WSGI_START_RESPONSE_H
#define KM_WSGI_START_RESPONSE_H

#include <komori/wsgi.h>

#include "framework/base/arena.h"

typedef struct km_wsgi_response {
	km_start_response start_response; /* what the application calls; first member */
	km_arena *arena;
	int status; /* 0 before start_response was called */
	km_header *headers;
	size_t header_count;
	bool sent; /* the server sent the first byte: start_response returns KM_ESTATE */
} km_wsgi_response;

void km_wsgi_response_init(km_wsgi_response *response, km_arena *arena);
/* Calls start_response with headers that are valid, live as long as the request, and have no other
 * owner. The server's own start_response takes them without a copy. Returns what start_response
 * does. */
int km_start_response_lend(km_start_response *start_response, int status, km_header *headers,
			   size_t count);

#endif
