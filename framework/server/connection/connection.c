#include "framework/server/connection/connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framework/http/status.h"
#include "framework/server/connection/input.h"
#include "framework/server/connection/output.h"
#include "framework/server/connection/respond.h"
#include "framework/server/listen/sockets.h"

enum {
	READ_SIZE = 16384, /* of a read behind a partial request */
};

/* --- opening and closing --- */

static void on_event(evutil_socket_t fd, short what, void *connection);

/* Waits for EV_READ, EV_WRITE or nothing. */
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
	/* Whole responses are written at once: to wait for more would only delay them. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	connection->loop = loop;
	km_loop_count_connection(loop, 1);
	km_address_numeric(peer, connection->remote_addr, connection->remote_port);
	connection->remote_addr_len = (uint8_t)strlen(connection->remote_addr);
	connection->remote_port_len = (uint8_t)strlen(connection->remote_port);
	event_assign(&connection->event, loop->base, fd, EV_READ | EV_PERSIST, on_event,
		     connection);
	connection->waits = EV_READ;
	km_timeout_start(&loop->timeouts, &connection->timeout, KM_WAIT_IDLE, km_loop_now());
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
	km_timeout_stop(&connection->timeout);
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

/* Ends our side, and waits for the peer's end. To close a socket with unread input makes the kernel
 * send a reset, which can overtake the response (RFC 9112 section 9.6). */
static void linger(km_connection *connection)
{
	shutdown(event_get_fd(&connection->event), SHUT_WR);
	free_backlog(connection);
	connection->state = KM_CONNECTION_LINGER;
	wait_for(connection, EV_READ);
	km_timeout_start(&connection->loop->timeouts, &connection->timeout, KM_WAIT_LINGER,
			 km_loop_now());
}

/* --- refusing --- */

/* `input` begins with the line of a head that was refused. */
static void log_refusal(km_connection *connection, int status, uint64_t bytes, km_str input)
{
	km_access_log *log = &connection->loop->access_log;
	const km_exchange *exchange = connection->exchange;
	km_str remote = km_str_from(connection->remote_addr);
	size_t len = 0;

	if (exchange && exchange->parsed) {
		km_access_log_request(log, remote, &exchange->request, status, bytes);
		return;
	}
	while (len < input.len && len < connection->loop->limits.request_line &&
	       input.ptr[len] != '\r' && input.ptr[len] != '\n')
		len++;
	km_access_log_refused(log, remote, (km_str){input.ptr, len}, status, bytes);
}

/* Of a head that was not parsed, `input` begins with what there is. */
static bool without_content(const km_exchange *exchange, km_str input)
{
	if (exchange && exchange->parsed)
		return exchange->without_content;
	return input.len >= 5 && !memcmp(input.ptr, "HEAD ", 5);
}

static void refuse(km_connection *connection, int status, km_str input)
{
	km_loop *loop = connection->loop;
	bool without = without_content(connection->exchange, input);

	if (loop->access_log.on)
		log_refusal(connection, status, without ? 0 : km_http_error_length(status), input);
	km_exchange_refuse(&loop->runner, status, KM_HTTP_CONNECTION_CLOSE, without);
	if (connection->exchange)
		km_exchange_release(connection->exchange, loop);
	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
	connection->closing = connection->lingering = true;
}

/* --- reading requests --- */

/* The timeouts of head and body are absolute: the next request gets its own. */
static void end_wait(km_connection *connection, km_wait kind)
{
	if (connection->timeout.kind == kind)
		km_timeout_stop(&connection->timeout);
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

/* Serves requests from the input in order, until it is used up, a response must wait, or it is
 * others' turn: quick ones together. */
static void serve(km_connection *connection, km_str *input)
{
	bool first = true;

	while (!connection->closing && !connection->dead && !km_output_blocked(connection)) {
		if (connection->state == KM_CONNECTION_HEAD) {
			if (input->len == 0)
				return;
			connection->yielding = !first && !km_loop_has_turn(connection->loop);
			if (connection->yielding || !take_head(connection, input))
				return;
			first = false;
		}
		if (connection->state == KM_CONNECTION_BODY && !take_body(connection, input))
			return;
		if (connection->state == KM_CONNECTION_BODY)
			km_respond_start(connection);
		if (connection->state == KM_CONNECTION_RESPONSE)
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
	km_timeout *timeout = &connection->timeout;
	km_wait kind = connection->waits == EV_WRITE		     ? KM_WAIT_WRITE
		       : connection->state == KM_CONNECTION_RESPONSE ? KM_WAIT_THREAD
		       : connection->state == KM_CONNECTION_BODY     ? KM_WAIT_BODY
		       : partial				     ? KM_WAIT_HEAD
								     : KM_WAIT_IDLE;

	/* Those two are absolute: more bytes do not prolong them. */
	if ((kind == KM_WAIT_HEAD || kind == KM_WAIT_BODY) && timeout->next &&
	    timeout->kind == kind)
		return;
	km_timeout_start(&connection->loop->timeouts, timeout, kind, km_loop_now());
}

/* While a thread has the request nothing is read. The event stays, all the same, as long as nothing
 * comes: to remove and add it takes two system calls a request. */
static short next_event(const km_connection *connection, bool blocked)
{
	if (blocked || connection->yielding)
		return EV_WRITE;
	return km_connection_in_thread(connection) ? connection->waits & EV_READ : EV_READ;
}

bool km_connection_settle(km_connection *connection, km_str rest)
{
	bool blocked = km_output_blocked(connection);

	if (!connection->dead && !blocked)
		blocked = !km_output_flush(connection);
	km_buffer_clear(&connection->loop->output);
	bool ends = connection->closing && !blocked;
	bool lingers = (rest.len || connection->lingering) && !connection->reset;
	if (!connection->dead && !ends) {
		keep_input(connection, rest);
		wait_for(connection, next_event(connection, blocked));
		start_wait(connection, rest.len > 0);
		if (connection->backlog && !rest.len && !blocked)
			free_backlog(connection);
	} else if (!connection->dead && lingers) {
		linger(connection);
	}
	if (!connection->dead && !(ends && !lingers))
		return true;
	km_connection_free(connection);
	return false;
}

/* What was read and not served; {NULL, 0} for nothing. */
static km_str kept_input(const km_connection *connection)
{
	const km_backlog *backlog = connection->backlog;

	return backlog ? (km_str){backlog->input.data, backlog->input.len} : (km_str){NULL, 0};
}

/* Reads what there is, behind a partial request or where the loop reads. Returns what there is to
 * serve; {NULL, 0} for nothing, `dead` when the peer has closed. */
static km_str read_input(km_connection *connection)
{
	km_backlog *backlog = connection->backlog;
	km_buffer *partial = backlog && backlog->input.len ? &backlog->input : NULL;
	char *at = partial ? km_buffer_reserve(partial, READ_SIZE) : connection->loop->input;
	size_t room = partial ? READ_SIZE : KM_LOOP_INPUT_SIZE;
	ssize_t got = at ? recv(connection->event.ev_fd, at, room, 0) : 0;

	if (got <= 0) {
		connection->dead = got == 0 || (errno != EAGAIN && errno != EINTR);
		return (km_str){NULL, 0};
	}
	if (!partial)
		return (km_str){at, (size_t)got};
	partial->len += (size_t)got;
	return kept_input(connection);
}

/* This and on_writable: false when the connection is gone. */
static bool on_readable(km_connection *connection)
{
	if (km_connection_in_thread(connection)) {
		wait_for(connection, 0);
		return true;
	}
	km_str input = read_input(connection);

	if (connection->dead) {
		km_connection_free(connection);
		return false;
	}
	if (input.len == 0 || connection->state == KM_CONNECTION_LINGER)
		return true;
	km_loop_begin_turn(connection->loop);
	serve(connection, &input);
	return km_connection_settle(connection, input);
}

static bool on_writable(km_connection *connection)
{
	km_str input = kept_input(connection);

	km_loop_begin_turn(connection->loop);
	connection->yielding = false;
	if (km_output_flush(connection)) {
		if (connection->state == KM_CONNECTION_RESPONSE)
			km_respond_resume(connection);
		if (connection->state != KM_CONNECTION_RESPONSE)
			serve(connection, &input);
	}
	return km_connection_settle(connection, input);
}

void km_connection_resume(km_connection *connection)
{
	km_str input = kept_input(connection);

	km_loop_begin_turn(connection->loop);
	if (!km_output_blocked(connection))
		km_respond_resume(connection);
	if (connection->state != KM_CONNECTION_RESPONSE)
		serve(connection, &input);
	km_connection_settle(connection, input);
}

static void on_event(evutil_socket_t fd, short what, void *connection)
{
	(void)fd;
	if (what & EV_WRITE)
		on_writable(connection);
	else
		on_readable(connection);
}

bool km_connection_catch_up(km_connection *connection)
{
	const km_timeout waited = connection->timeout;
	const km_timeout *timeout = &connection->timeout;
	bool writes = connection->waits == EV_WRITE;
	struct pollfd client = {.fd = event_get_fd(&connection->event),
				.events = writes ? POLLOUT : POLLIN};

	if (poll(&client, 1, 0) <= 0)
		return false;
	if (!(writes ? on_writable(connection) : on_readable(connection)))
		return true;
	return !timeout->next || timeout->kind != waited.kind || timeout->since != waited.since;
}

void km_connection_expire(km_connection *connection)
{
	km_wait kind = (km_wait)connection->timeout.kind;

	km_timeout_stop(&connection->timeout);
	if (kind != KM_WAIT_HEAD && kind != KM_WAIT_BODY) {
		connection->reset = kind == KM_WAIT_WRITE;
		km_connection_free(connection);
		return;
	}
	refuse(connection, 408, kept_input(connection));
	km_connection_settle(connection, (km_str){NULL, 0});
}
