#include "framework/server/connection/connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/http/status.h"
#include "framework/server/listen/address.h"
#include "framework/server/connection/respond.h"
#include "framework/server/connection/output.h"
#include "framework/server/connection/input.h"

enum {
	READ_SIZE = 16384, /* of a read behind a partial request */
};

/* --- opening and closing --- */

static void on_event(evutil_socket_t fd, short what, void *connection);

/* For EV_READ, EV_WRITE or nothing. */
static void wait_for(km_connection *connection, short what)
{
	if (connection->waits == what)
		return;
	int fd = event_get_fd(&connection->event);
	event_del(&connection->event);
	event_assign(&connection->event, connection->loop->base, fd, what | EV_PERSIST, on_event,
		     connection);
	connection->waits = (uint8_t)what;
	if (what && event_add(&connection->event, NULL))
		connection->dead = true;
}

void km_connection_open(km_loop *loop, int fd, const struct sockaddr *peer)
{
	km_connection *connection = calloc(1, sizeof *connection);
	int one = 1;

	if (!connection) {
		close(fd);
		return;
	}
	/* Whole answers are written at once: waiting for more would only delay them. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	connection->loop = loop;
	km_loop_count_connection(loop, 1);
	km_address_numeric(peer, connection->remote_addr, connection->remote_port);
	connection->remote_addr_len = (uint8_t)strlen(connection->remote_addr);
	connection->remote_port_len = (uint8_t)strlen(connection->remote_port);
	event_assign(&connection->event, loop->base, fd, EV_READ | EV_PERSIST, on_event,
		     connection);
	connection->waits = EV_READ;
	km_timeout_start(&loop->deadlines, &connection->deadline, KM_WAIT_IDLE, km_loop_now());
	if (event_add(&connection->event, NULL))
		km_connection_free(connection);
}

static void free_backlog(km_connection *connection)
{
	km_backlog *backlog = connection->backlog;

	connection->backlog = NULL;
	if (!backlog)
		return;
	km_buffer_finish(&backlog->input);
	km_buffer_finish(&backlog->output);
	free(backlog);
}

void km_connection_free(km_connection *connection)
{
	km_loop *loop = connection->loop;
	int fd = event_get_fd(&connection->event);
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	event_del(&connection->event);
	km_timeout_stop(&connection->deadline);
	if (connection->reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	/* Before the body's close, which may take its time. */
	close(fd);
	km_respond_abandon(connection);
	free_backlog(connection);
	free(connection);
	km_loop_count_connection(loop, -1);
	km_loop_end_if_done(loop);
}

km_connection *km_connection_of(km_timeout *deadline)
{
	return (km_connection *)(void *)((char *)deadline - offsetof(km_connection, deadline));
}

/* Closing a socket with unread input makes the kernel send a reset, which can overtake the answer
 * (RFC 9112 section 9.6): end our side, and wait for the peer's end. */
static void linger(km_connection *connection)
{
	shutdown(event_get_fd(&connection->event), SHUT_WR);
	free_backlog(connection);
	connection->state = KM_CONNECTION_LINGER;
	wait_for(connection, EV_READ);
	km_timeout_start(&connection->loop->deadlines, &connection->deadline, KM_WAIT_LINGER,
			 km_loop_now());
}

/* --- refusing --- */

/* `input` begins with the line of a head that was refused. */
static void log_refusal(km_connection *connection, int status, bool without_content, km_str input)
{
	km_access_log *log = &connection->loop->access_log;
	km_str remote = km_str_from(connection->remote_addr);
	uint64_t bytes = without_content ? 0 : km_http_error_length(status);

	if (connection->state == KM_CONNECTION_BODY) {
		km_access_log_request(log, remote, &connection->exchange->request, status, bytes);
		return;
	}
	size_t len = 0;
	while (len < input.len && len < connection->loop->limits.request_line &&
	       input.ptr[len] != '\r' && input.ptr[len] != '\n')
		len++;
	km_access_log_refused(log, remote, (km_str){input.ptr, len}, status, bytes);
}

/* The head is parsed while the body is read; else `input` begins with what there is of it. */
static bool asks_for_head(const km_connection *connection, km_str input)
{
	if (connection->state == KM_CONNECTION_BODY)
		return km_exchange_asks_for_head(connection->exchange);
	return input.len >= 5 && !memcmp(input.ptr, "HEAD ", 5);
}

static void refuse(km_connection *connection, int status, km_str input)
{
	bool without_content = asks_for_head(connection, input);

	if (connection->loop->access_log.on)
		log_refusal(connection, status, without_content, input);
	km_exchange_refuse(&connection->loop->runner, status, without_content);
	if (connection->exchange)
		km_exchange_release(connection->exchange, connection->loop);
	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
	connection->closing = connection->lingering = true;
}

/* --- reading requests --- */

/* Absolute deadlines run from a request's first byte; the next request gets its own. */
static void end_wait(km_connection *connection, km_wait kind)
{
	if (connection->deadline.kind == kind)
		km_timeout_stop(&connection->deadline);
}

/* Takes one head from the input. False when it is not complete or was refused. */
static bool take_head(km_connection *connection, km_str *input)
{
	int status = km_input_head(connection, input);

	if (status == KM_ENOMEM)
		connection->dead = true;
	if (status < 0)
		return false;
	end_wait(connection, KM_WAIT_HEAD);
	if (status) {
		refuse(connection, status, *input);
		return false;
	}
	connection->state = KM_CONNECTION_BODY;
	return true;
}

/* Takes the body from the input. False when it is not complete or was refused. */
static bool take_body(km_connection *connection, km_str *input)
{
	int status = km_input_body(connection, input);

	if (status < 0)
		return false;
	end_wait(connection, KM_WAIT_BODY);
	if (status)
		refuse(connection, status, *input);
	return status == 0;
}

/* Serves requests from the input in order, until it is used up, an answer must wait, or it is
 * others' turn: quick ones together. */
static void serve(km_connection *connection, km_str *input)
{
	km_runner *runner = &connection->loop->runner;
	const km_thread_slot *thread = runner->progress;
	int64_t since = 0, now = 0;
	bool first = true;

	while (!connection->closing && !connection->dead && !km_output_blocked(connection)) {
		if (connection->state == KM_CONNECTION_HEAD) {
			if (input->len == 0)
				return;
			if (!first)
				now = km_clock_coarse_ns();
			connection->yielding =
				!first &&
				!km_loop_has_turn(
					now, &since,
					thread ? km_thread_slot_request(thread)->started_ns : 0);
			if (connection->yielding || !take_head(connection, input))
				return;
			first = false;
		}
		if (connection->state == KM_CONNECTION_BODY && !take_body(connection, input))
			return;
		if (connection->state == KM_CONNECTION_BODY) {
			runner->now_ns = now;
			km_respond_start(connection);
			runner->now_ns = 0;
		}
		if (connection->state == KM_CONNECTION_ANSWER)
			return;
	}
}

/* --- events --- */

/* Keeps the bytes not served for the next event. */
static void keep_input(km_connection *connection, km_str rest)
{
	km_backlog *backlog = connection->backlog;

	if (rest.len == 0) {
		if (backlog)
			km_buffer_finish(&backlog->input);
		return;
	}
	backlog = km_output_backlog(connection);
	if (!backlog) {
		connection->dead = true;
		return;
	}
	if (backlog->input.len) { /* then `rest` is its end */
		memmove(backlog->input.data, rest.ptr, rest.len);
		backlog->input.len = rest.len;
	} else {
		km_buffer_append(&backlog->input, rest.ptr, rest.len);
	}
	connection->dead |= backlog->input.failed != 0;
}

static void start_wait(km_connection *connection, bool partial)
{
	km_timeout *deadline = &connection->deadline;
	km_wait kind = connection->waits == EV_WRITE		 ? KM_WAIT_WRITE
		       : connection->waits == 0			 ? KM_WAIT_THREAD
		       : connection->state == KM_CONNECTION_BODY ? KM_WAIT_BODY
		       : partial				 ? KM_WAIT_HEAD
								 : KM_WAIT_IDLE;

	/* Those two are absolute: more bytes do not prolong them. */
	if ((kind == KM_WAIT_HEAD || kind == KM_WAIT_BODY) && deadline->next &&
	    deadline->kind == kind)
		return;
	km_timeout_start(&connection->loop->deadlines, deadline, kind, km_loop_now());
}

static short next_event(const km_connection *connection, bool blocked)
{
	if (blocked || connection->yielding)
		return EV_WRITE;
	return km_respond_elsewhere(connection) ? 0 : EV_READ;
}

bool km_connection_settle(km_connection *connection, km_str rest)
{
	bool blocked = km_output_blocked(connection);

	if (!connection->dead && !blocked)
		blocked = km_respond_flush(connection) == 0;
	km_buffer_clear(&connection->loop->output);
	if (connection->closing && !blocked && !connection->dead) {
		if ((rest.len || connection->lingering) && !connection->reset)
			linger(connection);
		else
			connection->dead = true;
	} else if (!connection->dead) {
		keep_input(connection, rest);
		wait_for(connection, next_event(connection, blocked));
		start_wait(connection, rest.len > 0);
		if (connection->backlog && !rest.len && !blocked)
			free_backlog(connection);
	}
	bool dead = connection->dead;
	if (dead)
		km_connection_free(connection);
	return !dead;
}

bool km_connection_serve(km_connection *connection, km_str input)
{
	serve(connection, &input);
	return km_connection_settle(connection, input);
}

/* This and on_writable: false when the connection is gone. */
static bool on_readable(km_connection *connection, bool alone)
{
	km_backlog *backlog = connection->backlog;
	km_read_batch *gathering = &connection->loop->gathering;
	bool more = backlog && backlog->input.len;
	char *at = more ? km_buffer_reserve(&backlog->input, READ_SIZE)
			: km_read_batch_place(gathering);
	ssize_t got =
		at ? recv(connection->event.ev_fd, at, more ? READ_SIZE : KM_READ_MOST, 0) : 0;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0) {
		km_connection_free(connection);
		return false;
	}
	if (connection->state == KM_CONNECTION_LINGER)
		return true;
	if (more) {
		backlog->input.len += (size_t)got;
		at = backlog->input.data;
		got = (ssize_t)backlog->input.len;
		km_read_batch_serve(gathering); /* in the order in which they were heard */
	}
	if (more || alone || !km_read_batch_is_of_use(gathering))
		return km_connection_serve(connection, (km_str){at, (size_t)got});
	km_read_batch_add(gathering, connection, (size_t)got);
	return true; /* or false; who gathers does not ask */
}

/* What was read and not served; {NULL, 0} for nothing. */
static km_str kept_input(const km_connection *connection)
{
	const km_backlog *backlog = connection->backlog;

	return backlog ? (km_str){backlog->input.data, backlog->input.len} : (km_str){NULL, 0};
}

static bool on_writable(km_connection *connection)
{
	km_str input = kept_input(connection);

	connection->yielding = false;
	if (km_respond_flush(connection) == 1) {
		if (connection->state == KM_CONNECTION_ANSWER)
			km_respond_resume(connection);
		if (connection->state != KM_CONNECTION_ANSWER)
			serve(connection, &input);
	}
	return km_connection_settle(connection, input);
}

void km_connection_answered(km_connection *connection)
{
	km_str input = kept_input(connection);

	if (!km_output_blocked(connection))
		km_respond_resume(connection);
	if (connection->state != KM_CONNECTION_ANSWER)
		serve(connection, &input);
	km_connection_settle(connection, input);
}

static void on_event(evutil_socket_t fd, short what, void *argument)
{
	km_connection *connection = argument;

	(void)fd;
	if (what & EV_WRITE) {
		/* Who was heard before does not wait for a chunk of this one's body. */
		km_read_batch_serve(&connection->loop->gathering);
		on_writable(connection);
	} else {
		on_readable(connection, false);
	}
}

bool km_connection_catch_up(km_connection *connection)
{
	km_read_batch *gathering = &connection->loop->gathering;
	const km_timeout waited = connection->deadline;
	const km_timeout *deadline = &connection->deadline;
	bool writes = connection->waits == EV_WRITE;
	struct pollfd client = {.fd = event_get_fd(&connection->event),
				.events = writes ? POLLOUT : POLLIN};

	if (gathering->count) {
		km_read_batch_serve(gathering);
		return true;
	}
	if (poll(&client, 1, 0) <= 0)
		return false;
	if (!(writes ? on_writable(connection) : on_readable(connection, true)))
		return true;
	return !deadline->next || deadline->kind != waited.kind || deadline->since != waited.since;
}

void km_connection_expire(km_connection *connection)
{
	km_wait kind = (km_wait)connection->deadline.kind;

	km_timeout_stop(&connection->deadline);
	if (kind != KM_WAIT_HEAD && kind != KM_WAIT_BODY) {
		connection->reset = kind == KM_WAIT_WRITE;
		km_connection_free(connection);
		return;
	}
	refuse(connection, 408, kept_input(connection));
	km_connection_settle(connection, (km_str){NULL, 0});
}
