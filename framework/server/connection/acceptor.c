#include "framework/server/connection/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "framework/base/log.h"
#include "framework/server/connection/connection.h"

enum {
	MAX_ACCEPTS = 64, /* before connections that are open get their turn */
	MAX_EVICTED = 16, /* idle connections closed at a time to make room */
	PAUSE_US = 100000,
	WAY_US = 1000, /* that other workers get to be first */
	FEW = 8,       /* connections that make no difference */
};

/* Nothing was sent on it for at least a second, and nothing has arrived that is not read yet. */
static bool is_idle(km_connection *connection)
{
	char byte;

	return km_loop_now() - connection->deadline.since >= 2 &&
	       recv(event_get_fd(&connection->event), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

/* Room for those who wait in the backlog: an idle connection may be closed at any time (RFC 9112
 * section 9.5), the least recently used first. */
static bool make_room(km_loop *loop)
{
	int evicted = 0;

	while (evicted < MAX_EVICTED) {
		km_timeout *oldest = km_timeouts_oldest(&loop->deadlines, KM_WAIT_IDLE);
		if (!oldest || !is_idle(km_connection_of(oldest)))
			break;
		km_connection_free(km_connection_of(oldest));
		evicted++;
	}
	return evicted > 0;
}

static int start_accepting(km_acceptor *listener)
{
	int failed = 0;

	for (size_t i = 0; i < listener->count; i++)
		failed |= event_add(listener->readable[i], NULL);
	return failed;
}

static void stop_accepting(km_acceptor *listener, int for_us)
{
	const struct timeval pause = {.tv_usec = for_us};

	for (size_t i = 0; i < listener->count; i++)
		event_del(listener->readable[i]);
	event_add(listener->resume, &pause);
}

/* A socket stays readable while clients wait: without a pause the loop would spin on it. What one
 * lacks they all lack. */
static void pause_accepting(km_acceptor *listener, const char *why)
{
	stop_accepting(listener, PAUSE_US);
	if (km_log_is_due(&listener->logged))
		km_log("cannot accept more than %zu connections for now: %s",
		       listener->loop->connections, why);
}

/* The longer others take nothing, the more is taken after a pause. */
static void take_turn(km_acceptor *listener)
{
	uint32_t least = listener->loop->slot
				 ? km_worker_slot_least_connections(listener->loop->slot)
				 : UINT32_MAX;

	listener->next_turn = least == listener->least && listener->next_turn < MAX_ACCEPTS
				      ? 2 * listener->next_turn + FEW
				      : FEW;
	listener->least = least;
	listener->turn = listener->next_turn;
}

static bool somebody_waits(const km_acceptor *listener)
{
	bool waits = false;

	for (size_t i = 0; i < listener->count; i++) {
		struct pollfd socket = {event_get_fd(listener->readable[i]), POLLIN, 0};
		waits |= poll(&socket, 1, 0) > 0;
	}
	return waits;
}

/* Others who had nothing to take did not leave it to us. */
static void on_resume(evutil_socket_t fd, short what, void *argument)
{
	km_acceptor *listener = argument;

	(void)fd;
	(void)what;
	if (somebody_waits(listener))
		take_turn(listener);
	else
		listener->turn = listener->next_turn = 0;
	if (start_accepting(listener))
		pause_accepting(listener, "a listening socket cannot be watched");
}

/* Whoever is awake is the first to accept, and would get nearly all connections, while others have
 * nothing to do. Who has clearly more than another worker waits a moment, and then takes a few: the
 * other may be busy. */
static bool gives_way(km_acceptor *listener)
{
	const km_loop *loop = listener->loop;

	if (!loop->multiprocess || !loop->slot || loop->draining || loop->connections <= FEW)
		return false;
	if (listener->turn > 0) {
		listener->turn--;
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
static bool accept_some(km_acceptor *listener, int fd)
{
	km_loop *loop = listener->loop;
	bool more = false;

	km_read_batch_serve(&loop->gathering); /* who was heard before may make room */
	for (int tries = 0; tries < MAX_ACCEPTS; tries++) {
		struct sockaddr_storage peer = {0};
		socklen_t size = sizeof peer;

		if (gives_way(listener)) {
			stop_accepting(listener, WAY_US);
			return false;
		}
		if (loop->connections >= loop->max_connections && !make_room(loop)) {
			if (somebody_waits(listener))
				pause_accepting(listener,
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
				pause_accepting(listener, why);
				return false;
			}
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return false;
		}
		/* Other errors belong to the one client that gave up (accept(2)). */
	}
	return more;
}

static void on_connection(evutil_socket_t fd, short what, void *listener)
{
	(void)what;
	accept_some(listener, fd);
}

static int make_events(km_acceptor *listener, const km_listen_sockets *sockets)
{
	struct event_base *base = listener->loop->base;

	listener->resume = event_new(base, -1, 0, on_resume, listener);
	listener->readable = calloc(sockets->count, sizeof(struct event *));
	if (!listener->resume || !listener->readable)
		return KM_ENOMEM;
	for (; listener->count < sockets->count; listener->count++) {
		struct event *event = event_new(base, sockets->all[listener->count].fd,
						EV_READ | EV_PERSIST, on_connection, listener);
		if (!event)
			return KM_ENOMEM;
		listener->readable[listener->count] = event;
	}
	return 0;
}

int km_acceptor_init(km_acceptor *listener, km_loop *loop, const km_listen_sockets *sockets)
{
	*listener = (km_acceptor){.loop = loop};
	if (make_events(listener, sockets) || start_accepting(listener)) {
		km_acceptor_finish(listener);
		return KM_ENOMEM;
	}
	return 0;
}

void km_acceptor_take(km_acceptor *listener, bool all)
{
	for (size_t i = 0; i < listener->count; i++) {
		while (accept_some(listener, event_get_fd(listener->readable[i])) && all)
			;
	}
}

void km_acceptor_finish(km_acceptor *listener)
{
	for (size_t i = 0; i < listener->count; i++)
		event_free(listener->readable[i]);
	free(listener->readable);
	if (listener->resume)
		event_free(listener->resume);
	*listener = (km_acceptor){0};
}
