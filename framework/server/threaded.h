/* Handler threads on a loop: takes what they have made back, and gives up what takes too long. */
#ifndef KM_SERVER_THREADED_H
#define KM_SERVER_THREADED_H

#include "loop.h"

typedef struct km_threaded {
	km_loop *loop;
	km_handler_threads **place; /* in the loop */
	km_handler_threads threads;
	struct event *done;
	int64_t timeout_ns; /* 0: none */
	void (*overtime)(
		void *context); /* a request was given up: its thread may be lost for good */
	void *context;
} km_threaded;

/* From now on threads run what `place`, one of the loop's two, stands for; `count` and `slot` as in
 * km_handler_threads_init. Returns 0, KM_ENOMEM or KM_EIO. */
int km_threaded_init(km_threaded *threaded, km_loop *loop, km_handler_threads **place,
		     uint32_t count, km_worker_slot *slot);
/* Answers 503 where a handler runs, or a request waits for a thread, longer than timeout_ns. To be
 * called every now and then. */
void km_threaded_watch(km_threaded *threaded);
/* Waits for the threads, which must not hang. Accepts a zeroed one. */
void km_threaded_finish(km_threaded *threaded);

#endif
