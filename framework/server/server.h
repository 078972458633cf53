/* The server core: one event loop that serves a WSGI application. Only this layer uses sockets and
 * libevent. */
#ifndef KM_SERVER_SERVER_H
#define KM_SERVER_SERVER_H

#include <komori/wsgi.h>

#include "framework/http/head_scan.h"
#include "framework/master/scoreboard.h"
#include "framework/server/listen/sockets.h"

typedef struct km_server_options {
	km_http_limits limits;
	size_t max_output;	/* bytes of responses that are collected before they are written */
	size_t max_connections; /* at once; 0: as many as descriptors allow. More wait */
	const char *access_log; /* off, stdout, stderr or a path; NULL: off */
	const char *access_log_format; /* common or combined */
	uint32_t header_timeout; /* seconds from the first byte to the end of the headers; then 408
				  */
	uint32_t body_timeout;	 /* seconds for the body; then 408 */
	uint32_t idle_timeout; /* seconds a connection may wait for its next request; then closed */
	uint32_t write_timeout; /* seconds for the socket to take more of a response; then reset */
	uint32_t graceful_timeout; /* seconds that responses under way may take after a stop; then
				    * reset
				    */
	uint32_t threads; /* handlers that may run at a time, beside one more; 0: on the loop */
	bool lone_thread; /* with `threads` 0: on one thread, one handler at a time */
	/* Whether a thread of its own serves this target, whatever the others do. NULL: none. */
	bool (*aside)(km_str target);
	uint32_t timeout; /* seconds a handler may run on a thread of a worker; then 503. 0: none */
	bool multiprocess;	 /* other processes serve the same application */
	km_request_slots *slots; /* for requests under way; NULL: threads have theirs */
	km_worker_slot *slot;	 /* where the supervisor of a worker sees what it does; else NULL */
	uint64_t max_requests;	 /* then the server stops by itself; 0: never */
	void (*reopen_logs)(void *context); /* on SIGUSR1; NULL: nothing but the access log */
	/* Called when the loop begins to serve; NULL: not. */
	void (*serves)(void *context);
	void *reopen_context; /* of both */
} km_server_options;

typedef struct km_server km_server;

/* Makes a server for the open `sockets`. NULL on failure, after a line on the log. Borrows `app`
 * and `sockets`. */
km_server *km_server_new(km_wsgi_app *app, km_listen_sockets *sockets,
			 const km_server_options *options);
/* Serves until SIGTERM, until SIGINT when there is no master, or for max_requests. Then closes this
 * process's listening sockets, finishes the responses under way, serves clients until they have
 * been idle for a second, and closes after graceful_timeout what is left. Returns 0, or KM_E* when
 * the loop failed. */
int km_server_run(km_server *server);
/* Accepts NULL. */
void km_server_free(km_server *server);

#endif
