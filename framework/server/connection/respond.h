/* Has a connection's request answered: by the application on the loop, or on a handler thread. */
#ifndef KM_SERVER_CONNECTION_RESPOND_H
#define KM_SERVER_CONNECTION_RESPOND_H

#include "framework/server/connection/connection.h"

/* Each sets the connection's `dead` when the peer is gone or memory ran out. */

/* Puts on the socket what waits for it; as km_output_flush. */
int km_respond_flush(km_connection *connection);
/* The request of the connection's exchange is complete: calls the application. */
void km_respond_start(km_connection *connection);
/* Goes on with the answer; the socket has taken what there was of it. */
void km_respond_resume(km_connection *connection);
/* The connection is freed: its exchange is closed, or closes itself when it comes back. */
void km_respond_abandon(km_connection *connection);

/* --- handler threads --- */

/* Whether an exchange is with a thread, which alone may touch it. */
bool km_respond_elsewhere(const km_connection *connection);
/* An exchange that came back from a thread. Returns the connection that waits for it, or NULL. */
km_connection *km_respond_take_back(km_loop *loop, km_job *job);
/* The answer takes longer than it may: the client gets 503, or the end of what it had so far. The
 * job is still the thread's. Returns the connection; NULL when none waits. */
km_connection *km_respond_give_up(km_loop *loop, km_job *job);
/* A job of which no thread has begun anything was withdrawn: the client, unless it has left, gets
 * 503. */
void km_respond_refuse(km_loop *loop, km_job *job);

#endif
