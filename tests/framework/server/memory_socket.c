#include "tests/framework/server/memory_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static memory_server *open_server;

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
	km_str *incoming = &open_server->incoming;
	size_t count = incoming->len < size ? incoming->len : size;

	(void)fd;
	(void)flags;
	if (count == 0 && open_server->ended)
		return 0;
	if (count == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(bytes, incoming->ptr, count);
	incoming->ptr += count;
	incoming->len -= count;
	return (ssize_t)count;
}

static size_t take(const void *bytes, size_t len, size_t room)
{
	size_t count = len < room ? len : room;

	if (!open_server->discards)
		km_buffer_append(&open_server->received, bytes, count);
	return count;
}

static size_t room_left(void)
{
	return open_server->room ? open_server->room : SIZE_MAX;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	(void)fd;
	(void)flags;
	return (ssize_t)take(bytes, len, room_left());
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	size_t room = room_left(), sent = 0;

	(void)fd;
	(void)flags;
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		const struct iovec *part = &message->msg_iov[i];
		size_t taken = take(part->iov_base, part->iov_len, room - sent);
		sent += taken;
		if (taken < part->iov_len)
			break;
	}
	return (ssize_t)sent;
}

bool memory_server_init(memory_server *server, km_wsgi_app *app, const km_server_options *options)
{
	*server = (memory_server){0};
	km_loop *loop = &server->loop;
	loop->runner.app = app;
	loop->limits = options->limits;
	loop->max_output = options->max_output;
	loop->max_connections = 1;
	loop->name = KM_STR("127.0.0.1");
	loop->port = KM_STR("80");
	return km_loop_init(loop) == 0;
}

bool memory_server_open(memory_server *server)
{
	const struct sockaddr_in peer = {.sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); /* something that can be waited for */

	if (fd < 0)
		return false;
	open_server = server;
	server->incoming = (km_str){NULL, 0};
	server->ended = false;
	km_buffer_clear(&server->received);
	km_connection_open(&server->loop, fd, (const struct sockaddr *)&peer);
	km_timeout *timeout = km_timeouts_oldest(&server->loop.timeouts, KM_WAIT_IDLE);
	server->connection = timeout ? km_connection_of(timeout) : NULL;
	return server->connection != NULL;
}

static void fire(memory_server *server, short what)
{
	struct event *event = &server->connection->event;

	event_get_callback(event)(event_get_fd(event), what, event_get_callback_arg(event));
	if (server->loop.connections == 0)
		server->connection = NULL;
}

static void run(memory_server *server)
{
	while (server->connection) {
		if (server->connection->waits == EV_WRITE)
			fire(server, EV_WRITE);
		else if (server->incoming.len > 0)
			fire(server, EV_READ);
		else
			return;
	}
}

void memory_server_deliver(memory_server *server, const void *bytes, size_t len)
{
	server->incoming = (km_str){bytes, len};
	run(server);
}

void memory_server_end(memory_server *server)
{
	server->ended = true;
	run(server);
	if (server->connection)
		fire(server, EV_READ);
	run(server);
}

void memory_server_close(memory_server *server)
{
	if (server->connection)
		km_connection_free(server->connection);
	server->connection = NULL;
}

void memory_server_finish(memory_server *server)
{
	memory_server_close(server);
	km_exchange_free_spares(&server->loop);
	km_loop_finish(&server->loop);
	km_buffer_finish(&server->received);
}
