#include "framework/server/connection/waiting.h"

#include <poll.h>

#include "framework/server/connection/respond.h"

/* A client that has shut its side may still read; one that has closed cannot. */
enum { SHUT = POLLRDHUP, CLOSED = POLLHUP | POLLERR };

static short look_at_client(const km_connection *connection)
{
	struct pollfd client = {.fd = event_get_fd(&connection->event), .events = POLLRDHUP};

	return poll(&client, 1, 0) > 0 ? client.revents : 0;
}

/* Whether a thread has the exchange by now is not known here. */
static bool note_client(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	short seen = look_at_client(connection);

	if (!(seen & (SHUT | CLOSED)))
		return false;
	exchange->client_left = exchange->job.unwanted = true;
	if (seen & CLOSED)
		km_connection_free(connection);
	return true;
}

/* In the order in which they began to wait. */
static void note_unwanted(km_loop *loop, uint32_t seconds, uint32_t now)
{
	km_timeout *head = &loop->deadlines.heads[KM_WAIT_THREAD], *next;

	for (km_timeout *at = head->next; at != head && now - at->since > 1; at = next) {
		km_connection *connection = km_connection_of(at);
		next = at->next;
		if (note_client(connection))
			continue;
		connection->exchange->job.unwanted = seconds && now - at->since > seconds;
	}
}

static void refuse_unwanted(km_loop *loop, km_thread_pool *threads)
{
	km_job *job = threads ? km_thread_pool_withdraw(threads) : NULL, *next;

	for (; job; job = next) {
		next = job->next;
		km_respond_refuse(loop, job);
	}
}

void km_thread_events_watch_waiting(km_loop *loop, uint32_t seconds)
{
	uint32_t now = km_loop_now();

	if (now != loop->looked) /* a look is a system call for each */
		note_unwanted(loop, seconds, now);
	loop->looked = now;
	refuse_unwanted(loop, loop->threads);
	refuse_unwanted(loop, loop->aside_threads);
}
