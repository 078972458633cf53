/* Writes the head of a response: status line, the application's fields and the server's. */
#ifndef KM_HTTP_RESPONSE_HEAD_H
#define KM_HTTP_RESPONSE_HEAD_H

#include <time.h>

#include "framework/http/request.h"

typedef enum km_http_connection {
	KM_HTTP_CONNECTION_DEFAULT, /* no field: what the version implies */
	KM_HTTP_CONNECTION_CLOSE,
	KM_HTTP_CONNECTION_KEEP_ALIVE, /* to a 1.0 client that asked for it */
} km_http_connection;

typedef struct km_http_response_head {
	int status; /* 100 to 999 */
	const km_header *fields;
	size_t count;
	int64_t content_length; /* -1: no such field */
	bool chunked;		/* Transfer-Encoding: chunked */
	km_http_connection connection;
	const char *date; /* of KM_HTTP_DATE_LEN bytes; NULL: no such field */
} km_http_response_head;

/* The text of the Date field, made once a second. Zero-initialised is valid. */
enum { KM_HTTP_DATE_LEN = 29 };
typedef struct km_http_date {
	time_t second;
	char text[KM_HTTP_DATE_LEN + 1];
} km_http_date;

/* Returns "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7) for `now`. It lives in `date`.
 */
const char *km_http_date_at(km_http_date *date, time_t now);
/* Returns an upper bound of the length of the head. */
size_t km_http_response_head_bound(const km_http_response_head *head);
/* Writes the head with its empty line to `out`, which has room for the bound. Does not check names
 * and values: start_response did. Returns the length. */
size_t km_http_response_head_write(const km_http_response_head *head, char *out);
/* Writes the size line of a chunk, "1a\r\n", to `out` (RFC 9112 section 7.1). Returns its length.
 */
enum { KM_HTTP_CHUNK_SIZE_MAX = 18 };
size_t km_http_chunk_size_write(uint64_t size, char *out);

#endif
