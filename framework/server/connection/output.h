/* Puts a connection's bytes on its socket, and keeps what the socket does not take. */
#ifndef KM_SERVER_CONNECTION_OUTPUT_H
#define KM_SERVER_CONNECTION_OUTPUT_H

#include "framework/server/connection/connection_data.h"

/* Writes what waits: backlog or the loop's output, then the chunk that the exchange holds. Returns
 * true when all of it is written. False: the socket is full (the rest is kept, and the loop's
 * output is empty); or the peer is gone or memory ran out, and the connection is `dead`. */
bool km_output_flush(km_connection *connection);
/* Whether bytes wait for the socket. */
bool km_output_blocked(const km_connection *connection);
/* The connection's backlog, made when missing; NULL when memory ran out. */
km_backlog *km_output_backlog(km_connection *connection);

#endif
