/* Requests that wait for a handler thread: refused when that takes too long, and forgotten when
 * nobody waits for their answer. */
#ifndef KM_SERVER_CONNECTION_WAITING_H
#define KM_SERVER_CONNECTION_WAITING_H

#include "framework/server/loop/loop.h"

/* Answers 503 for those that wait longer than so many seconds (0: for ever) or in vain. Clients are
 * looked after that have not had anything for more than a second. To be called every now and then,
 * of a loop with threads. */
void km_thread_events_watch_waiting(km_loop *loop, uint32_t seconds);

#endif
