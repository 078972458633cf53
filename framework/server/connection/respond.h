/* Responds to a connection's request: calls the application on the loop, or submits the exchange to
 * handler threads. */
#ifndef KM_SERVER_CONNECTION_RESPOND_H
#define KM_SERVER_CONNECTION_RESPOND_H

#include "framework/server/connection/connection_data.h"

/* The first two set the connection's `dead` when the peer is gone or memory ran out. */

/* Calls the application for the connection's exchange, whose request is complete. */
void km_respond_start(km_connection *connection);
/* Goes on with the response: the socket has taken what there was of it, or a thread has made more.
 */
void km_respond_resume(km_connection *connection);
/* Closes the exchange of a connection that is freed. One that a thread has is closed when it comes
 * back. */
void km_respond_abandon(km_connection *connection);

#endif
