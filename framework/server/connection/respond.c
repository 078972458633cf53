#include "framework/server/connection/respond.h"

#include "framework/server/connection/output.h"
#include "framework/server/connection/respond_threaded.h"

enum { MAX_PULLS = 64 }; /* of one body before other connections get their turn */

static void count_request(km_loop *loop)
{
	if (++loop->served == loop->max_requests)
		event_active(loop->retire, EV_TIMEOUT, 0);
	if (loop->slot)
		loop->slot->served = loop->served;
}

/* The connection ends with this response. */
static __attribute__((cold)) void close_behind(km_connection *connection,
					       const km_exchange *exchange)
{
	connection->closing = true;
	/* A client that did not ask for the end may have sent more by now; and while a thread had
	 * the request nothing was read. */
	connection->lingering |= exchange->request.keep_alive || connection->loop->threads;
	/* Without length and chunks an early end looks like the end. */
	connection->reset = exchange->broken && exchange->left < 0 && !exchange->chunked;
}

static void leave_exchange(km_connection *connection)
{
	if (connection->exchange->close) /* as it is when the response is broken */
		close_behind(connection, connection->exchange);
	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
}

/* A body's close may take long (the profiler reports there), so the peer gets its response first.
 */
static bool may_release(km_connection *connection)
{
	return !km_exchange_has_close(connection->exchange) || km_output_flush(connection);
}

static void end_response(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;

	leave_exchange(connection);
	km_exchange_release(exchange, connection->loop);
	if (connection->loop->output.len >= connection->loop->max_output)
		km_output_flush(connection);
}

/* Pulls the body until the response is complete, the socket full, or it is others' turn. */
static void pull(km_connection *connection)
{
	km_loop *loop = connection->loop;

	for (int pulls = 0; pulls < MAX_PULLS; pulls++) {
		if (pulls > 0) {
			if (!km_loop_has_turn(loop))
				break;
			km_exchange_enter(connection->exchange, &loop->runner);
		}
		switch (km_exchange_advance(connection->exchange, &loop->runner)) {
		case KM_EXCHANGE_PULL:
			break;
		case KM_EXCHANGE_FLUSH:
			if (!km_output_flush(connection))
				return;
			break;
		case KM_EXCHANGE_END:
			if (may_release(connection))
				end_response(connection);
			return;
		}
	}
	connection->yielding = true;
}

static void run_on_loop(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_runner *runner = &connection->loop->runner;

	km_exchange_enter(exchange, runner);
	if (!exchange->called)
		km_exchange_call(exchange, runner);
	pull(connection);
	km_exchange_leave(runner);
}

void km_respond_start(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;
	bool aside = loop->aside && loop->aside(exchange->request.target);
	km_thread_pool *pool = aside ? loop->aside_threads : loop->threads;

	exchange->server = (km_wsgi_server){
		.name = loop->name,
		.port = loop->port,
		.remote_addr = {connection->remote_addr, connection->remote_addr_len},
		.remote_port = {connection->remote_port, connection->remote_port_len},
		.multithread = loop->threads && loop->threads->count > 1,
		.multiprocess = loop->multiprocess,
	};
	connection->state = KM_CONNECTION_RESPONSE;
	count_request(loop);
	exchange->number = loop->served;
	exchange->slot = loop->slots ? km_request_slots_take(loop->slots) : NULL;
	if (pool)
		km_respond_threaded_start(connection, pool);
	else
		run_on_loop(connection);
}

void km_respond_resume(km_connection *connection)
{
	if (!km_exchange_pool(connection->exchange)) {
		run_on_loop(connection);
		return;
	}
	km_exchange *ended = km_respond_threaded_resume(connection);
	if (ended) {
		leave_exchange(connection);
		km_respond_threaded_end(ended, connection->loop);
	}
}

void km_respond_abandon(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;

	connection->exchange = NULL;
	if (!exchange)
		return;
	if (km_exchange_pool(exchange)) {
		km_respond_threaded_end(exchange, loop);
		return;
	}
	bool enters = exchange->body != NULL;
	if (enters)
		km_exchange_enter(exchange, &loop->runner);
	km_exchange_release(exchange, loop);
	if (enters)
		km_exchange_leave(&loop->runner);
}
