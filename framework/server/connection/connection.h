/* One client's connection: reads requests, responds to them in order, closes. */
#ifndef KM_SERVER_CONNECTION_CONNECTION_H
#define KM_SERVER_CONNECTION_CONNECTION_H

#include "framework/server/connection/connection_data.h"

/* Takes over the accepted non-blocking socket; closes it when memory runs out. */
void km_connection_open(km_loop *loop, int fd, const struct sockaddr *peer);
/* Frees it at once, whatever is under way, and closes the body. */
void km_connection_free(km_connection *connection);
/* Goes on: a thread has made more of the response. */
void km_connection_resume(km_connection *connection);
/* Ends every event: writes, keeps `rest` of what was read, and waits for what comes next. Returns
 * false when the connection is gone. */
bool km_connection_settle(km_connection *connection, km_str rest);
/* Handles what the kernel has for the connection and the loop has not seen: it sees nothing while a
 * handler runs, and libevent reports some events at a time. Returns true when the wait is over,
 * perhaps with the connection: its timeout has not expired then. */
bool km_connection_catch_up(km_connection *connection);
/* Handles an expired timeout: responds with 408 or closes. Resets a slow reader, whose response is
 * cut short; the kernel drops what it holds of it. */
void km_connection_expire(km_connection *connection);

#endif
