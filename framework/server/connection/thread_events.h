/* Handler threads on a loop: takes what they have made back, gives up what runs too long, and
 * refuses what waits too long for a thread. */
#ifndef KM_SERVER_CONNECTION_THREAD_EVENTS_H
#define KM_SERVER_CONNECTION_THREAD_EVENTS_H

#include "framework/server/loop/loop.h"
#include "framework/server/threads/pool.h"

typedef struct km_thread_events {
	km_loop *loop;
	km_thread_pool **place; /* in the loop */
	km_thread_pool pool;
	struct event *done;
	uint32_t looked;    /* when (seconds) it looked at the clients whose requests wait */
	int64_t timeout_ns; /* 0: none */
} km_thread_events;

/* Starts the threads behind `place`, one of the loop's two; `count` and `slot` as in
 * km_thread_pool_init. Returns 0, KM_ENOMEM or KM_EIO. */
int km_thread_events_init(km_thread_events *events, km_loop *loop, km_thread_pool **place,
			  uint32_t count, km_worker_slot *slot);
/* Responds with 503 where a handler runs, or a request waits for a thread, longer than timeout_ns;
 * and drops requests whose clients left while they waited. To be called every now and then. */
void km_thread_events_watch(km_thread_events *events);
/* Waits for the threads, which must not hang. Accepts a zeroed one. */
void km_thread_events_finish(km_thread_events *events);

#endif
