/* The server's own connection code with memory in place of the socket: the test passes in what the
 * peer sends, and collects what it would get. For measuring and fuzzing without the kernel.
 *
 * A program that uses it is linked with -Wl,--wrap=recv,--wrap=send,--wrap=sendmsg. */
#ifndef KM_TEST_MEMORY_SOCKET_H
#define KM_TEST_MEMORY_SOCKET_H

#include "framework/server/connection/connection.h"
#include "framework/server/server.h"

typedef struct memory_server {
	km_loop loop;
	km_connection *connection; /* NULL when none is open */
	km_str incoming;	   /* what the server has not read yet */
	bool ended;		   /* the peer sends nothing more */
	size_t room;		   /* bytes that each send takes; 0: all */
	bool discards;		   /* `received` stays empty */
	km_buffer received;
} memory_server;

/* Only the limits of `options` count; there are no clocks to expire. False when memory ran out. */
bool memory_server_init(memory_server *server, km_wsgi_app *app, const km_server_options *options);
/* Opens the one connection. False when that failed. One server at a time is open in a process. */
bool memory_server_open(memory_server *server);
/* Makes the socket readable with these bytes. Returns when the server has nothing more to read or
 * write; `connection` is NULL if it has closed. */
void memory_server_deliver(memory_server *server, const void *bytes, size_t len);
/* Ends the peer's side. */
void memory_server_end(memory_server *server);
/* Closes the connection if it is open. */
void memory_server_close(memory_server *server);
void memory_server_finish(memory_server *server);

#endif
