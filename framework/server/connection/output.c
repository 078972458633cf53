#include "framework/server/connection/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

static bool has_chunk(const km_connection *connection)
{
	const km_exchange *exchange = connection->exchange;

	return exchange && km_exchange_is_on_loop(exchange) && exchange->chunk.len > 0;
}

bool km_output_blocked(const km_connection *connection)
{
	const km_backlog *backlog = connection->backlog;

	return (backlog && backlog->output.len > backlog->sent) || has_chunk(connection);
}

km_backlog *km_output_backlog(km_connection *connection)
{
	if (!connection->backlog)
		connection->backlog = calloc(1, sizeof *connection->backlog);
	return connection->backlog;
}

/* The bytes in front of the chunk: of the backlog or of the loop's output. Never both, as nothing
 * is put into the loop's output for a connection that is blocked. */
static km_str pending(const km_connection *connection)
{
	const km_backlog *backlog = connection->backlog;
	const km_buffer *output = &connection->loop->output;

	if (backlog && backlog->output.len > backlog->sent)
		return (km_str){backlog->output.data + backlog->sent,
				backlog->output.len - backlog->sent};
	return (km_str){output->data, output->len};
}

/* Notes that the socket took `count` of the pending bytes, and keeps the others beyond this event.
 * Returns whether it could. */
static bool consume(km_connection *connection, size_t count)
{
	km_backlog *backlog = connection->backlog;
	km_buffer *output = &connection->loop->output;

	if (backlog && backlog->output.len > backlog->sent) {
		backlog->sent += count;
		if (backlog->sent == backlog->output.len) {
			km_buffer_finish(&backlog->output);
			backlog->sent = 0;
		}
		return true;
	}
	if (count < output->len) {
		backlog = km_output_backlog(connection);
		if (!backlog)
			return false;
		km_buffer_append(&backlog->output, output->data + count, output->len - count);
		if (backlog->output.failed)
			return false;
	}
	km_buffer_clear(output);
	return true;
}

static ssize_t send_both(int fd, km_str first, km_str second)
{
	struct iovec parts[2] = {
		{(void *)(uintptr_t)first.ptr, first.len},
		{(void *)(uintptr_t)second.ptr, second.len},
	};
	struct msghdr message = {.msg_iov = first.len ? parts : parts + 1,
				 .msg_iovlen = first.len && second.len ? 2 : 1};

	if (!second.len)
		return send(fd, first.ptr, first.len, MSG_NOSIGNAL);
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static bool must_wait(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS;
}

static bool fail(km_connection *connection)
{
	connection->dead = true;
	return false;
}

/* One write of the loop's output, which nearly every response needs. */
static bool flush_output(km_connection *connection)
{
	km_buffer *output = &connection->loop->output;

	if (output->len == 0)
		return true;
	ssize_t sent = send(connection->event.ev_fd, output->data, output->len, MSG_NOSIGNAL);
	if (sent == (ssize_t)output->len) {
		km_buffer_clear(output);
		return true;
	}
	if ((sent < 0 && !must_wait(errno)) || !consume(connection, sent < 0 ? 0 : (size_t)sent))
		return fail(connection);
	return false;
}

bool km_output_flush(km_connection *connection)
{
	if (connection->loop->output.failed)
		return fail(connection);
	if (!connection->backlog && !has_chunk(connection))
		return flush_output(connection);
	km_str none = {NULL, 0};
	km_str *chunk = has_chunk(connection) ? &connection->exchange->chunk : &none;
	km_str first = pending(connection);

	if (first.len + chunk->len == 0)
		return true;
	ssize_t sent = send_both(connection->event.ev_fd, first, *chunk);
	if (sent < 0 && !must_wait(errno))
		return fail(connection);
	size_t count = sent < 0 ? 0 : (size_t)sent;
	size_t of_first = count < first.len ? count : first.len;
	bool all = count == first.len + chunk->len;
	if (chunk->len) {
		chunk->ptr += count - of_first;
		chunk->len -= count - of_first;
	}
	return !first.len || consume(connection, of_first) ? all : fail(connection);
}
