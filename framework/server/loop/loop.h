/* What all connections of one event loop share. */
#ifndef KM_SERVER_LOOP_LOOP_H
#define KM_SERVER_LOOP_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>

#include "framework/base/buffer.h"
#include "framework/http/date.h"
#include "framework/http/head_scan.h"
#include "framework/master/scoreboard.h"
#include "framework/wsgi/environ.h"
#include "framework/server/loop/access_log.h"
#include "framework/server/loop/timeouts.h"
#include "framework/server/loop/read_batch.h"
#include "framework/server/threads/pool.h"
#include "framework/server/threads/quick_paths.h"
#include "framework/server/loop/runner.h"
#include "framework/server/server.h"

/* Of one connection that has more to do, while others wait. */
enum { KM_LOOP_TURN_NS = 10000000 };

typedef struct km_exchange km_exchange;

typedef struct km_loop {
	struct event_base *base;
	km_runner runner;	       /* of the thread that runs the loop */
	km_thread_pool *threads;       /* that run handlers; NULL: the loop does */
	km_thread_pool *aside_threads; /* that answer what `aside` tells; as `threads` */
	bool (*aside)(km_str target);  /* what handlers are not to hold up; NULL: nothing */
	km_quick_paths quick_paths;
	size_t in_threads; /* exchanges there */
	size_t given_up;   /* of these, whose clients were answered without them */
	uint32_t looked;   /* when (seconds) the clients were looked at whose requests wait there */
	km_http_limits limits;
	size_t max_body, body_memory, max_output;
	int64_t storage_logged;	 /* for km_log_is_due */
	km_str name, port;	 /* SERVER_NAME, SERVER_PORT */
	km_read_batch gathering; /* where sockets are read when nothing is left over */
	km_buffer output; /* of the connection that is being served; empty between two events */
	km_access_log access_log;
	km_timeouts deadlines;
	km_exchange *spare; /* exchanges to use again */
	size_t spare_count;
	size_t connections, max_connections;
	bool multiprocess; /* others serve the same application */
	/* For requests under way; NULL: threads have their own. */
	km_request_slots *slots;
	km_worker_slot *slot; /* where a master sees what this worker does; NULL without one */
	uint64_t served, max_requests;
	struct event *retire; /* becomes active when so many were served */
	bool draining;	      /* a stop has begun: answers are the last of their connections */
	bool ending;	      /* nobody is accepted any more: leave with the last connection */
} km_loop;

/* One more connection, or one less. */
static inline void km_loop_count_connection(km_loop *loop, int change)
{
	loop->connections += (size_t)change;
	if (loop->slot)
		loop->slot->connections = (uint32_t)loop->connections;
}

/* Whether a connection that has more to do goes on with it. `since` is 0 when that is asked first;
 * its turn began at `begun` then, or, where nobody has looked at the clock (0), begins now. */
static inline bool km_loop_has_turn(int64_t now, int64_t *since, int64_t begun)
{
	if (!*since)
		*since = begun ? begun : now;
	return now - *since < KM_LOOP_TURN_NS;
}

/* Leaves the loop when it ends and nothing is under way but what was given up. */
void km_loop_end_if_done(km_loop *loop);
/* Seconds of a coarse monotonic clock. */
uint32_t km_loop_now(void);

#endif
