/* The server core: one event loop that serves a WSGI application. The only layer that knows sockets
 * and libevent. */
#ifndef KM_SERVER_SERVER_H
#define KM_SERVER_SERVER_H

#include <komori/wsgi.h>

typedef struct km_server_options {
	const char *host;	 /* name or address; "127.0.0.1" */
	const char *port;	 /* decimal; "0" lets the system choose */
	size_t max_request_line; /* bytes; longer: 414 */
	size_t max_headers;	 /* bytes of the header block; longer: 431 */
	size_t max_header_count; /* fields; more: 431 */
	size_t max_body;	 /* bytes; longer: 413 before it is read */
	size_t body_memory;	 /* bytes; a longer body goes to a temporary file */
	size_t max_output;	 /* bytes of answers that are collected before they are written */
	size_t max_connections;	 /* at once; 0: as many as descriptors allow. Others wait */
	const char *access_log;	 /* off, stdout, stderr or a path; NULL: off */
	const char *access_log_format; /* common or combined */
	int header_timeout;   /* seconds from the first byte to the end of the headers; then 408 */
	int body_timeout;     /* seconds for the body; then 408 */
	int idle_timeout;     /* seconds a connection may wait for its next request; then closed */
	int write_timeout;    /* seconds for the socket to take more of an answer; then reset */
	int graceful_timeout; /* seconds that answers under way may take after a stop; then reset */
} km_server_options;

typedef struct km_server km_server;

/* Listens on host and port. NULL on failure, `error` then says what was tried and why it failed, in
 * one line. `app` is borrowed. */
km_server *km_server_new(km_wsgi_app *app, const km_server_options *options, char *error,
			 size_t error_size);
/* "http://127.0.0.1:5000", with the port the system chose. Owned by the server. */
const char *km_server_url(const km_server *server);
/* Serves until SIGINT or SIGTERM, then finishes the answers under way, closes what is left after
 * graceful_timeout and returns 0; KM_E* when the loop failed. */
int km_server_run(km_server *server);
/* Accepts NULL. */
void km_server_free(km_server *server);

#endif
