/* Responds on handler threads: passes an exchange to a thread and takes back what the thread made.
 * All functions run on the loop. */
#ifndef KM_SERVER_CONNECTION_RESPOND_THREADED_H
#define KM_SERVER_CONNECTION_RESPOND_THREADED_H

#include "framework/server/connection/connection_data.h"

/* Submits the connection's exchange. Sets the connection's `dead` when memory ran out. */
void km_respond_threaded_start(km_connection *connection, km_thread_pool *pool);
/* Puts what a thread has made into the output, or asks for more when the socket has taken that.
 * Returns the exchange when its response is complete; the caller leaves and ends it. */
km_exchange *km_respond_threaded_resume(km_connection *connection);
/* Releases an exchange that its connection has left, as soon as no thread has it. */
void km_respond_threaded_end(km_exchange *exchange, km_loop *loop);
/* Takes back a job that is done. Returns the connection that can go on, or NULL. */
km_connection *km_respond_threaded_take_back(km_loop *loop, km_job *job, bool finished);
/* Gives up a job that runs longer than it may, and stays with its thread: the client gets 503, or
 * the end of what it had so far. Returns the connection to settle, or NULL. */
km_connection *km_respond_threaded_give_up(km_loop *loop, km_job *job);
/* Releases a job that was withdrawn before a thread took it: the client, unless it has left, gets
 * 503. Returns the connection to settle, or NULL. */
km_connection *km_respond_threaded_refuse(km_loop *loop, km_job *job);

#endif
