/* A parsed request: views into its head and its arena. */
#ifndef KM_HTTP_REQUEST_H
#define KM_HTTP_REQUEST_H

#include <komori/base.h>
#include <stdbool.h>

#include "framework/http/body_store.h"

/* All strings are NUL-terminated, and live until the response is done. */
typedef struct km_http_request {
	km_str method;	    /* "GET"; static storage */
	km_str target;	    /* as received, without scheme and authority */
	km_str path;	    /* percent-decoded, starts with "/", or is "*" */
	km_str query;	    /* raw; {NULL, 0} without "?" */
	int minor;	    /* HTTP/1.minor */
	km_header *headers; /* as received, values without surrounding blanks */
	size_t header_count;
	int64_t content_length; /* -1 when the request gives none */
	bool chunked;
	bool keep_alive;
	bool expect_continue;
	km_str body;		   /* complete and decoded; non-NULL ptr */
	km_http_body_store *store; /* holds a body that is in a file; else NULL */
} km_http_request;

/* Returns the value of the first header with that name, without regard to case, or {NULL, 0}. */
km_str km_http_request_header(const km_http_request *request, const char *name);

#endif
