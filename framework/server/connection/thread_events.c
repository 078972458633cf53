#include "framework/server/connection/thread_events.h"

#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/base/debugger.h"
#include "framework/server/connection/respond.h"
#include "framework/server/connection/waiting.h"

static void on_done(evutil_socket_t fd, short what, void *argument)
{
	km_thread_events *threaded = argument;
	uint64_t followed = 0;
	km_job *job = km_thread_pool_take_done(&threaded->threads, &followed);

	(void)fd;
	(void)what;
	while (job) {
		km_job *next = job->next;
		km_connection *connection = km_respond_take_back(threaded->loop, job);
		if (connection)
			km_connection_answered(connection);
		job = next;
	}
	km_thread_pool_settle(&threaded->threads, followed);
}

int km_thread_events_init(km_thread_events *threaded, km_loop *loop, km_thread_pool **place,
			  uint32_t count, km_worker_slot *slot)
{
	threaded->loop = loop;
	threaded->place = place;
	int failed = km_thread_pool_init(&threaded->threads, count, slot);
	if (failed)
		return failed;
	threaded->done = event_new(loop->base, threaded->threads.done_fd, EV_READ | EV_PERSIST,
				   on_done, threaded);
	if (!threaded->done || event_add(threaded->done, NULL)) {
		km_thread_events_finish(threaded);
		return KM_ENOMEM;
	}
	*place = &threaded->threads;
	return 0;
}

void km_thread_events_finish(km_thread_events *threaded)
{
	if (threaded->place)
		*threaded->place = NULL;
	if (threaded->done)
		event_free(threaded->done);
	threaded->done = NULL;
	km_thread_pool_finish(&threaded->threads);
}

static void give_up(km_thread_events *threaded, km_job *job, uint32_t thread, int64_t run)
{
	km_worker_slot *slot = threaded->loop->slot;
	km_connection *connection = km_respond_give_up(threaded->loop, job);

	if (!slot->timed_out_ns) { /* the first one is told of */
		slot->timed_out_thread = thread;
		slot->timed_out_ns = run;
	}
	if (connection)
		km_connection_settle(connection, (km_str){NULL, 0});
	threaded->overtime(threaded->context);
}

/* Of a process that somebody debugs there is none. */
static int64_t limit_now(const km_thread_events *threaded)
{
	return threaded->loop->slot && !km_debugger_attached(getpid()) ? threaded->timeout_ns : 0;
}

void km_thread_events_watch(km_thread_events *threaded)
{
	int64_t limit, run;
	uint32_t thread;
	km_job *job;

	if (!threaded->done || threaded->loop->in_threads == 0)
		return;
	limit = limit_now(threaded);
	while (limit && (job = km_thread_pool_give_up(&threaded->threads, limit, &thread, &run)))
		give_up(threaded, job, thread, run);
	km_thread_events_watch_waiting(threaded->loop, (uint32_t)(limit / KM_SECOND_NS));
}
