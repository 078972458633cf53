/* Puts a connection's bytes on its socket, and keeps what the socket does not take. */
#ifndef KM_SERVER_CONNECTION_OUTPUT_H
#define KM_SERVER_CONNECTION_OUTPUT_H

#include "framework/server/connection/connection.h"

/* Writes what waits: backlog or the loop's output, then the chunk that the exchange holds. Returns
 * 1 when all of it is written, 0 when the socket is full (what is left is kept and the loop's
 * output is empty), KM_ECLOSED when the peer is gone, KM_ENOMEM when bytes were lost to a lack of
 * memory. */
int km_output_flush(km_connection *connection);
/* Whether bytes wait for the socket. */
bool km_output_blocked(const km_connection *connection);
/* The connection's backlog, made when missing; NULL when memory ran out. */
km_backlog *km_output_backlog(km_connection *connection);

#endif
