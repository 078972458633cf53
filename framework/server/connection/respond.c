#include "framework/server/connection/respond.h"

#include "framework/base/clock.h"
#include "framework/http/status.h"
#include "framework/server/connection/output.h"

enum {
	MAX_PULLS = 64, /* of one body before other connections get their turn */
	TIMED_OUT = 503,
};

int km_respond_flush(km_connection *connection)
{
	int written = km_output_flush(connection);

	if (written < 0)
		connection->dead = true;
	return written;
}

static void count_request(km_loop *loop)
{
	if (++loop->served == loop->max_requests)
		event_active(loop->retire, EV_TIMEOUT, 0);
	if (loop->slot)
		loop->slot->served = loop->served;
}

/* The connection ends with this answer. */
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
	if (connection->exchange->close) /* as it is when the answer is broken */
		close_behind(connection, connection->exchange);
	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
}

static bool has_close(const km_exchange *exchange)
{
	return exchange->body && exchange->body->close;
}

/* --- on the loop --- */

/* A body's close may take long (the profiler prints its report there), so the peer gets its answer
 * first. */
static bool may_release(km_connection *connection)
{
	return !has_close(connection->exchange) || km_respond_flush(connection) == 1;
}

static void end_answer(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;

	leave_exchange(connection);
	km_exchange_release(exchange, connection->loop);
	if (connection->loop->output.len >= connection->loop->max_output)
		km_respond_flush(connection);
}

/* Pulls the body until the answer is complete, the socket full, or it is others' turn. */
static void run_answer(km_connection *connection)
{
	km_runner *runner = &connection->loop->runner;
	int64_t since = 0;

	for (int pulls = 0; pulls < MAX_PULLS; pulls++) {
		if (pulls > 0) {
			const km_thread_slot *progress = runner->progress;
			if (!km_loop_has_turn(km_clock_coarse_ns(), &since,
					      progress ? progress->since_ns : 0))
				break;
			km_exchange_enter(connection->exchange, runner);
		}
		switch (km_exchange_advance(connection->exchange, runner)) {
		case KM_EXCHANGE_PULL:
			break;
		case KM_EXCHANGE_FLUSH:
			if (km_respond_flush(connection) != 1)
				return;
			break;
		case KM_EXCHANGE_END:
			if (may_release(connection))
				end_answer(connection);
			return;
		}
	}
	connection->yielding = true;
}

static void start_on_loop(km_connection *connection)
{
	km_runner *runner = &connection->loop->runner;

	km_exchange_enter(connection->exchange, runner);
	km_exchange_call(connection->exchange, runner);
	run_answer(connection);
	km_exchange_leave(runner);
}

/* --- on a handler thread --- */

static km_exchange *exchange_of(km_job *job)
{
	return (km_exchange *)(void *)((char *)job - offsetof(km_exchange, job));
}

/* One go: the call with the first pull, one pull, or the close. */
static void run_in_thread(km_job *job, km_thread_slot *progress)
{
	static __thread km_runner runner;
	km_exchange *exchange = exchange_of(job);

	runner.app = exchange->app;
	runner.output = &exchange->output;
	runner.progress = progress;
	runner.draining = exchange->draining;
	int64_t start = km_clock_monotonic_ns();
	km_exchange_enter(exchange, &runner);
	if (exchange->closing) {
		km_exchange_close(exchange);
	} else {
		if (!exchange->called)
			km_exchange_call(exchange, &runner);
		exchange->step = km_exchange_advance(exchange, &runner);
	}
	km_exchange_leave(&runner);
	job->followed = has_close(exchange) && exchange->step == KM_EXCHANGE_END;
	exchange->ran_ns = km_clock_monotonic_ns() - start;
}

/* NULL: the loop answers itself. */
static km_thread_pool *threads_of(const km_exchange *exchange, const km_loop *loop)
{
	return exchange->aside ? loop->aside_threads : loop->threads;
}

static void submit(km_exchange *exchange, km_loop *loop)
{
	exchange->place = KM_EXCHANGE_IN_THREAD;
	exchange->draining = loop->draining;
	exchange->job.urgent = exchange->closing;
	exchange->job.kind = exchange->aside || exchange->closing
				     ? KM_JOB_QUICK
				     : km_quick_paths_expect(&loop->quick_paths, exchange->path);
	exchange->job.refusable = !exchange->called && !exchange->closing;
	exchange->job.unwanted = false;
	loop->in_threads++;
	km_thread_pool_submit(threads_of(exchange, loop), &exchange->job);
}

/* No connection waits for it any more. */
static void dispose(km_exchange *exchange, km_loop *loop)
{
	if (has_close(exchange)) {
		exchange->closing = true;
		submit(exchange, loop);
	} else {
		km_exchange_release(exchange, loop);
	}
}

/* The connection may be gone before the exchange is. */
static bool own_address(km_exchange *exchange)
{
	km_wsgi_server *server = &exchange->server;
	km_str addr = server->remote_addr, port = server->remote_port;

	server->remote_addr.ptr = km_arena_copy(&exchange->arena, addr.ptr, addr.len);
	server->remote_port.ptr = km_arena_copy(&exchange->arena, port.ptr, port.len);
	return server->remote_addr.ptr && server->remote_port.ptr;
}

static void start_in_thread(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;

	if (!own_address(exchange)) {
		connection->dead = true;
		return;
	}
	exchange->connection = connection;
	exchange->begun = 0;
	exchange->begun_bytes = 0;
	exchange->closing = exchange->given_up = exchange->client_left = false;
	exchange->job.run = run_in_thread;
	exchange->app = loop->runner.app;
	exchange->path = km_quick_paths_index(exchange->request.method, exchange->request.target);
	submit(exchange, loop);
}

/* Puts what the thread has made into the output, and asks for more. */
static void take_output(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;

	exchange->place = KM_EXCHANGE_ON_LOOP;
	exchange->begun = exchange->status;
	exchange->begun_bytes = exchange->sent;
	connection->dead |= exchange->output.failed != 0;
	km_buffer_append(&connection->loop->output, exchange->output.data, exchange->output.len);
	km_buffer_clear(&exchange->output);
	if (exchange->step == KM_EXCHANGE_END) {
		leave_exchange(connection);
		exchange->connection = NULL;
		dispose(exchange, connection->loop);
	} else if (exchange->step == KM_EXCHANGE_PULL || km_respond_flush(connection) == 1) {
		submit(exchange, connection->loop);
	}
}

static void resume_in_thread(km_connection *connection)
{
	switch (connection->exchange->place) {
	case KM_EXCHANGE_ON_LOOP:
		submit(connection->exchange, connection->loop);
		break;
	case KM_EXCHANGE_BACK:
		take_output(connection);
		break;
	case KM_EXCHANGE_IN_THREAD:
		break;
	}
}

km_connection *km_respond_take_back(km_loop *loop, km_job *job)
{
	km_exchange *exchange = exchange_of(job);
	bool closed = exchange->closing;

	if (!exchange->aside)
		km_quick_paths_note(&loop->quick_paths, exchange->path, exchange->ran_ns);
	loop->in_threads--;
	loop->given_up -= exchange->given_up;
	exchange->given_up = false;
	exchange->place = KM_EXCHANGE_BACK;
	if (exchange->connection)
		return exchange->connection;
	exchange->place = KM_EXCHANGE_ON_LOOP;
	km_buffer_clear(&exchange->output); /* nobody reads it, least of all the next one */
	if (closed)
		km_exchange_release(exchange, loop);
	else
		dispose(exchange, loop);
	km_loop_end_if_done(loop);
	return NULL;
}

/* Returns the status for the access log. */
static int answer_without(km_connection *connection, const km_exchange *exchange, bool head)
{
	km_loop *loop = connection->loop;

	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
	connection->closing = true;
	connection->reset = exchange->begun;
	if (exchange->begun)
		return exchange->begun;
	connection->lingering = true;
	km_exchange_refuse(&loop->runner, TIMED_OUT, head);
	if (km_output_blocked(connection)) /* by the answer before */
		km_buffer_append(&connection->backlog->output, loop->output.data, loop->output.len);
	return TIMED_OUT;
}

static void log_without(km_loop *loop, const km_exchange *exchange, int status)
{
	uint64_t bytes = exchange->begun_bytes;

	if (!loop->access_log.on)
		return;
	if (status == TIMED_OUT && !exchange->begun && !km_exchange_asks_for_head(exchange))
		bytes = km_http_error_length(TIMED_OUT);
	km_access_log_request(&loop->access_log, exchange->server.remote_addr, &exchange->request,
			      status, bytes);
}

/* Of the exchange, which is with a thread, only what that does not write is read. */
km_connection *km_respond_give_up(km_loop *loop, km_job *job)
{
	km_exchange *exchange = exchange_of(job);
	km_connection *connection = exchange->connection;
	int status = exchange->begun ? exchange->begun : KM_CLIENT_LEFT;

	exchange->given_up = exchange->logged = true;
	loop->given_up++;
	exchange->connection = NULL;
	if (connection)
		status = answer_without(connection, exchange, km_exchange_asks_for_head(exchange));
	log_without(loop, exchange, status);
	return connection;
}

void km_respond_refuse(km_loop *loop, km_job *job)
{
	km_exchange *exchange = exchange_of(job);
	km_connection *connection = exchange->connection;
	int status = KM_CLIENT_LEFT;

	loop->in_threads--;
	exchange->place = KM_EXCHANGE_ON_LOOP;
	exchange->connection = NULL;
	if (connection && !exchange->client_left) {
		status = answer_without(connection, exchange, km_exchange_asks_for_head(exchange));
	} else if (connection) {
		connection->exchange = NULL;
		connection->dead = true;
	}
	log_without(loop, exchange, status);
	km_exchange_release(exchange, loop);
	if (connection)
		km_connection_settle(connection, (km_str){NULL, 0});
	km_loop_end_if_done(loop);
}

bool km_respond_elsewhere(const km_connection *connection)
{
	return connection->exchange && connection->exchange->place == KM_EXCHANGE_IN_THREAD;
}

/* --- */

void km_respond_start(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;

	exchange->server = (km_wsgi_server){
		.name = loop->name,
		.port = loop->port,
		.remote_addr = {connection->remote_addr, connection->remote_addr_len},
		.remote_port = {connection->remote_port, connection->remote_port_len},
		.multithread = loop->threads && loop->threads->count > 1,
		.multiprocess = loop->multiprocess,
	};
	connection->state = KM_CONNECTION_ANSWER;
	count_request(loop);
	exchange->number = loop->served;
	exchange->aside = loop->aside && loop->aside(exchange->request.target);
	exchange->slot = loop->slots ? km_request_slots_take(loop->slots) : NULL;
	if (threads_of(exchange, loop))
		start_in_thread(connection);
	else
		start_on_loop(connection);
}

void km_respond_resume(km_connection *connection)
{
	km_runner *runner = &connection->loop->runner;

	if (threads_of(connection->exchange, connection->loop)) {
		resume_in_thread(connection);
		return;
	}
	km_exchange_enter(connection->exchange, runner);
	run_answer(connection);
	km_exchange_leave(runner);
}

void km_respond_abandon(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;

	connection->exchange = NULL;
	if (!exchange)
		return;
	exchange->connection = NULL;
	if (exchange->place == KM_EXCHANGE_IN_THREAD)
		return; /* until it comes back */
	exchange->place = KM_EXCHANGE_ON_LOOP;
	if (threads_of(exchange, loop) && exchange->called) {
		dispose(exchange, loop);
		return;
	}
	km_exchange_enter(exchange, &loop->runner);
	km_exchange_release(exchange, loop);
	km_exchange_leave(&loop->runner);
}
