#include "framework/server/connection/thread_events.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "framework/base/debugger.h"
#include "framework/server/connection/connection.h"
#include "framework/server/connection/respond_threaded.h"

enum {
	MAX_DONE = 64, /* jobs before connections get their turn */
	/* A client that has shut its side may still read; one that has closed cannot. */
	SHUT = POLLRDHUP,
	CLOSED = POLLHUP | POLLERR,
};

static void settle(km_connection *connection)
{
	if (connection)
		km_connection_settle(connection, (km_str){NULL, 0});
}

static void on_done(evutil_socket_t fd, short what, void *argument)
{
	km_thread_events *events = argument;
	km_done_job jobs[MAX_DONE];
	eventfd_t wakes;
	size_t count = km_thread_pool_take_done(&events->pool, jobs, MAX_DONE);

	(void)what;
	if (count == 0) { /* only now, so that other events come between two takes */
		eventfd_read(fd, &wakes);
		count = km_thread_pool_take_done(&events->pool, jobs, MAX_DONE);
		if (count)
			eventfd_write(fd, 1);
	}
	for (size_t i = 0; i < count; i++) {
		km_connection *connection =
			km_respond_threaded_take_back(events->loop, jobs[i].job, jobs[i].finished);
		if (connection)
			km_connection_resume(connection);
	}
}

static void on_submitted(evutil_socket_t fd, short what, void *argument)
{
	const km_loop *loop = argument;

	(void)fd;
	(void)what;
	if (loop->threads)
		km_thread_pool_start(loop->threads);
	if (loop->aside_threads)
		km_thread_pool_start(loop->aside_threads);
}

int km_thread_events_init(km_thread_events *events, km_loop *loop, km_thread_pool **place,
			  uint32_t count, km_worker_slot *slot)
{
	events->loop = loop;
	events->place = place;
	int failed = km_thread_pool_init(&events->pool, count, slot);
	if (failed)
		return failed;
	events->done =
		event_new(loop->base, events->pool.done_fd, EV_READ | EV_PERSIST, on_done, events);
	if (!loop->submitted)
		loop->submitted = event_new(loop->base, -1, 0, on_submitted, loop);
	if (!events->done || !loop->submitted || event_add(events->done, NULL)) {
		km_thread_events_finish(events);
		return KM_ENOMEM;
	}
	*place = &events->pool;
	return 0;
}

void km_thread_events_finish(km_thread_events *events)
{
	if (events->place)
		*events->place = NULL;
	if (events->done)
		event_free(events->done);
	events->done = NULL;
	km_thread_pool_finish(&events->pool);
}

/* --- what runs too long --- */

/* The worker has one thread less, perhaps for good: it retires, and another worker replaces it. */
static void give_up(km_thread_events *events, km_job *job, uint32_t thread, int64_t run)
{
	km_worker_slot *slot = events->loop->slot;

	if (!slot->timed_out_ns) { /* the supervisor reports the first one */
		slot->timed_out_thread = thread;
		slot->timed_out_ns = run;
	}
	settle(km_respond_threaded_give_up(events->loop, job));
	slot->thread_slots[thread].logged = true;
	event_active(events->loop->retire, EV_TIMEOUT, 0);
}

/* A process under a debugger has no limit. */
static int64_t limit_now(const km_thread_events *events)
{
	return events->loop->slot && !km_debugger_attached(getpid()) ? events->timeout_ns : 0;
}

/* --- what waits too long for a thread --- */

static short look_at_client(const km_connection *connection)
{
	struct pollfd client = {.fd = event_get_fd(&connection->event), .events = POLLRDHUP};

	return poll(&client, 1, 0) > 0 ? client.revents : 0;
}

/* Marks the exchange of a client that has left. The loop does not know whether a thread has it by
 * now. */
static bool note_client(km_connection *connection)
{
	km_handoff *handoff = connection->exchange->handoff;
	short seen = look_at_client(connection);

	if (!(seen & (SHUT | CLOSED)))
		return false;
	handoff->client_left = handoff->job.job.unwanted = true;
	if (seen & CLOSED)
		km_connection_free(connection);
	return true;
}

/* Marks what waits longer than so many seconds (0: for ever) or in vain, in the order in which it
 * began to wait. Looks only at clients that have waited for more than a second. */
static void note_unwanted(km_loop *loop, uint32_t seconds, uint32_t now)
{
	km_timeout *head = &loop->timeouts.heads[KM_WAIT_THREAD], *next;

	for (km_timeout *at = head->next; at != head && now - at->since > 1; at = next) {
		km_connection *connection = km_connection_of(at);
		next = at->next;
		if (!note_client(connection))
			connection->exchange->handoff->job.job.unwanted =
				seconds && now - at->since > seconds;
	}
}

static void refuse_unwanted(km_loop *loop, km_thread_pool *pool)
{
	km_job *job = pool ? km_thread_pool_withdraw(pool) : NULL, *next;

	for (; job; job = next) {
		next = job->next;
		settle(km_respond_threaded_refuse(loop, job));
	}
}

void km_thread_events_watch(km_thread_events *events)
{
	km_loop *loop = events->loop;
	uint32_t thread, now = km_loop_now();
	int64_t limit, run;
	km_job *job;

	if (!events->done || loop->in_threads == 0)
		return;
	limit = limit_now(events);
	while (limit && (job = km_thread_pool_give_up(&events->pool, limit, &thread, &run)))
		give_up(events, job, thread, run);
	if (now != events->looked) /* a look is a system call for each */
		note_unwanted(loop, (uint32_t)(limit / KM_SECOND_NS), now);
	events->looked = now;
	refuse_unwanted(loop, loop->threads);
	refuse_unwanted(loop, loop->aside_threads);
}
