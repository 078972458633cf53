/* Handler threads on a loop: takes what they have made back, and gives up what takes too long. */
#ifndef KM_SERVER_CONNECTION_THREAD_EVENTS_H
#define KM_SERVER_CONNECTION_THREAD_EVENTS_H

#include "framework/server/loop/loop.h"

typedef struct km_thread_events {
	km_loop *loop;
	km_thread_pool **place; /* in the loop */
	km_thread_pool threads;
	struct event *done;
	int64_t timeout_ns; /* 0: none */
	void (*overtime)(
		void *context); /* a request was given up: its thread may be lost for good */
	void *context;
} km_thread_events;

/* From now on threads run what `place`, one of the loop's two, stands for; `count` and `slot` as in
 * km_thread_pool_init. Returns 0, KM_ENOMEM or KM_EIO. */
int km_thread_events_init(km_thread_events *threaded, km_loop *loop, km_thread_pool **place,
			  uint32_t count, km_worker_slot *slot);
/* Answers 503 where a handler runs, or a request waits for a thread, longer than timeout_ns. To be
 * called every now and then. */
void km_thread_events_watch(km_thread_events *threaded);
/* Waits for the threads, which must not hang. Accepts a zeroed one. */
void km_thread_events_finish(km_thread_events *threaded);

#endif
