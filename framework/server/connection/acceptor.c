#include "framework/server/connection/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "framework/base/log.h"
#include "framework/server/connection/connection.h"

enum {
	MAX_ACCEPTS = 64, /* before open connections get their turn */
	MAX_EVICTED = 16, /* idle connections closed at a time to make room */
	PAUSE_US = 100000,
	WAY_US = 1000, /* for other workers to accept first */
	FEW = 8,       /* connections more than another worker: no difference */
};

/* Nothing was sent on it for at least a second, and nothing has arrived that is not read yet. */
static bool is_idle(km_connection *connection)
{
	char byte;

	return km_loop_now() - connection->timeout.since >= 2 &&
	       recv(event_get_fd(&connection->event), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

/* Closes idle connections for clients that wait in the backlog, the least recently used first. A
 * server may close one at any time (RFC 9112 section 9.5). */
static bool make_room(km_loop *loop)
{
	int evicted = 0;

	while (evicted < MAX_EVICTED) {
		km_timeout *oldest = km_timeouts_oldest(&loop->timeouts, KM_WAIT_IDLE);
		if (!oldest || !is_idle(km_connection_of(oldest)))
			break;
		km_connection_free(km_connection_of(oldest));
		evicted++;
	}
	return evicted > 0;
}

static int start_accepting(km_acceptor *acceptor)
{
	int failed = 0;

	for (size_t i = 0; i < acceptor->count; i++)
		failed |= event_add(acceptor->readable[i], NULL);
	return failed;
}

static void stop_accepting(km_acceptor *acceptor, int for_us)
{
	const struct timeval pause = {.tv_usec = for_us};

	for (size_t i = 0; i < acceptor->count; i++)
		event_del(acceptor->readable[i]);
	event_add(acceptor->resume, &pause);
}

/* Pauses on all sockets, as they lack the same thing. A socket stays readable while clients wait:
 * without a pause the loop would spin. */
static void pause_accepting(km_acceptor *acceptor, const char *why)
{
	stop_accepting(acceptor, PAUSE_US);
	if (km_log_is_due(&acceptor->logged))
		km_log("cannot accept more than %zu connections for now: %s",
		       acceptor->loop->connections, why);
}

/* Accepts more after each pause in which the other workers accepted nothing. */
static void take_turn(km_acceptor *acceptor)
{
	uint32_t least = acceptor->loop->slot
				 ? km_worker_slot_least_connections(acceptor->loop->slot)
				 : UINT32_MAX;

	acceptor->next_turn = least == acceptor->least && acceptor->next_turn < MAX_ACCEPTS
				      ? 2 * acceptor->next_turn + FEW
				      : FEW;
	acceptor->least = least;
	acceptor->turn = acceptor->next_turn;
}

static bool client_waits(const km_acceptor *acceptor)
{
	bool waits = false;

	for (size_t i = 0; i < acceptor->count; i++) {
		struct pollfd socket = {event_get_fd(acceptor->readable[i]), POLLIN, 0};
		waits |= poll(&socket, 1, 0) > 0;
	}
	return waits;
}

/* Ends a pause. Without a client in the backlog the other workers had nothing to accept. */
static void on_resume(evutil_socket_t fd, short what, void *argument)
{
	km_acceptor *acceptor = argument;

	(void)fd;
	(void)what;
	if (client_waits(acceptor))
		take_turn(acceptor);
	else
		acceptor->turn = acceptor->next_turn = 0;
	if (start_accepting(acceptor))
		pause_accepting(acceptor, "a listening socket cannot be watched");
}

/* Whether to leave the next client to another worker. The worker that is awake would accept nearly
 * all of a burst while others sleep. One with clearly more connections than another waits a moment,
 * then accepts a few, as the other may be busy. */
static bool gives_way(km_acceptor *acceptor)
{
	const km_loop *loop = acceptor->loop;

	if (!loop->multiprocess || !loop->slot || loop->draining || loop->connections <= FEW)
		return false;
	if (acceptor->turn > 0) {
		acceptor->turn--;
		return false;
	}
	size_t least = km_worker_slot_least_connections(loop->slot);
	return loop->connections - FEW > least + least / 4;
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Returns whether more may wait. */
static bool accept_some(km_acceptor *acceptor, int fd)
{
	km_loop *loop = acceptor->loop;
	bool more = false;

	for (int tries = 0; tries < MAX_ACCEPTS; tries++) {
		struct sockaddr_storage peer = {0};
		socklen_t size = sizeof peer;

		if (gives_way(acceptor)) {
			stop_accepting(acceptor, WAY_US);
			return false;
		}
		if (loop->connections >= loop->max_connections && !make_room(loop)) {
			if (client_waits(acceptor))
				pause_accepting(acceptor,
						"MAX_CONNECTIONS, or the limit of open files");
			return false;
		}
		int client =
			accept4(fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		more |= client >= 0;
		if (client >= 0) {
			km_connection_open(loop, client, (struct sockaddr *)&peer);
		} else if (is_shortage(errno)) {
			const char *why = strerror(errno);
			if (!make_room(loop)) {
				pause_accepting(acceptor, why);
				return false;
			}
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return false;
		}
		/* Other errors belong to the one client that gave up (accept(2)). */
	}
	return more;
}

static void on_connection(evutil_socket_t fd, short what, void *acceptor)
{
	(void)what;
	accept_some(acceptor, fd);
}

static int make_events(km_acceptor *acceptor, const km_listen_sockets *sockets)
{
	struct event_base *base = acceptor->loop->base;

	acceptor->resume = event_new(base, -1, 0, on_resume, acceptor);
	acceptor->readable = calloc(sockets->count, sizeof(struct event *));
	if (!acceptor->resume || !acceptor->readable)
		return KM_ENOMEM;
	for (; acceptor->count < sockets->count; acceptor->count++) {
		struct event *event = event_new(base, sockets->all[acceptor->count].fd,
						EV_READ | EV_PERSIST, on_connection, acceptor);
		if (!event)
			return KM_ENOMEM;
		acceptor->readable[acceptor->count] = event;
	}
	return 0;
}

int km_acceptor_init(km_acceptor *acceptor, km_loop *loop, const km_listen_sockets *sockets)
{
	*acceptor = (km_acceptor){.loop = loop};
	if (make_events(acceptor, sockets) || start_accepting(acceptor)) {
		km_acceptor_finish(acceptor);
		return KM_ENOMEM;
	}
	return 0;
}

void km_acceptor_take(km_acceptor *acceptor, bool all)
{
	for (size_t i = 0; i < acceptor->count; i++) {
		while (accept_some(acceptor, event_get_fd(acceptor->readable[i])) && all)
			;
	}
}

void km_acceptor_finish(km_acceptor *acceptor)
{
	for (size_t i = 0; i < acceptor->count; i++)
		event_free(acceptor->readable[i]);
	free(acceptor->readable);
	if (acceptor->resume)
		event_free(acceptor->resume);
	*acceptor = (km_acceptor){0};
}
