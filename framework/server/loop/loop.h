/* The event loop of a process, and what all its connections share. */
#ifndef KM_SERVER_LOOP_LOOP_H
#define KM_SERVER_LOOP_LOOP_H

#include <event2/event.h>
#include <komori/wsgi.h>

#include "framework/base/buffer.h"
#include "framework/base/clock.h"
#include "framework/http/head_scan.h"
#include "framework/http/response_head.h"
#include "framework/master/scoreboard.h"
#include "framework/server/loop/access_log.h"
#include "framework/server/loop/timeouts.h"
#include "framework/wsgi/request_slot.h"

enum {
	KM_LOOP_INPUT_SIZE = 65536, /* bytes of one read */
	KM_LOOP_TURN_NS = 10000000, /* of one connection, while others wait */
};

/* What a thread works with while it runs the application. */
typedef struct km_runner {
	km_wsgi_app *app;
	km_buffer *output; /* where it writes responses */
	km_http_date date;
	km_thread_slot *slot; /* of the thread; NULL without a master */
	bool draining;	      /* each response ends its connection */
} km_runner;

typedef struct km_loop {
	struct event_base *base;
	km_runner runner; /* of the thread that runs the loop */
	km_http_limits limits;
	size_t max_output; /* bytes to collect before they are written */
	km_str name, port; /* SERVER_NAME, SERVER_PORT */
	char *input;	   /* where sockets are read that have no partial request */
	km_buffer output;  /* of the connection that is being served; empty between two events */
	int64_t turn_ns;   /* when that connection's turn began; km_clock_coarse_ns */
	km_access_log access_log;
	km_timeouts timeouts;
	int64_t storage_logged;	   /* for km_log_is_due */
	struct km_exchange *spare; /* exchanges to use again */
	size_t spare_count;
	size_t connections, max_connections;
	bool multiprocess;	 /* other processes serve the same application */
	km_request_slots *slots; /* for requests; NULL: threads have theirs */
	km_worker_slot *slot;	 /* where a master sees what this worker does; NULL without one */
	uint64_t served, max_requests;
	struct event *retire; /* becomes active when so many were served, or a thread is lost */
	bool draining;	      /* a stop has begun: a response is the last of its connection */
	bool ending;	      /* accepts no more: leave with the last connection */
	/* Handler threads; NULL: the loop runs the handlers. `aside_threads` serve the targets for
	 * which `aside` returns true, whatever the others do. */
	struct km_thread_pool *threads, *aside_threads;
	bool (*aside)(km_str target); /* NULL: none */
	struct event *submitted;      /* becomes active when they get jobs */
	size_t in_threads;	      /* exchanges that they have */
	size_t given_up;	      /* of these, whose clients got their response without them */
} km_loop;

/* Makes the event base and the two buffers. KM_ENOMEM; km_loop_finish is then still to be called.
 */
int km_loop_init(km_loop *loop);
/* Accepts a zeroed one. */
void km_loop_finish(km_loop *loop);
/* Leaves the loop when it ends and nothing is under way but what was given up. */
void km_loop_end_if_done(km_loop *loop);
/* Seconds of a coarse monotonic clock. */
uint32_t km_loop_now(void);

/* Counts one connection more, or one less. */
static inline void km_loop_count_connection(km_loop *loop, int change)
{
	loop->connections += (size_t)change;
	if (loop->slot)
		loop->slot->connections = (uint32_t)loop->connections;
}

/* Begins the turn of the connection that has an event. */
static inline void km_loop_begin_turn(km_loop *loop)
{
	loop->turn_ns = km_clock_coarse_ns();
}

/* Whether that connection, which has more to do, goes on with it. */
static inline bool km_loop_has_turn(const km_loop *loop)
{
	return km_clock_coarse_ns() - loop->turn_ns < KM_LOOP_TURN_NS;
}

#endif
