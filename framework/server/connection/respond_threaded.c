#include "framework/server/connection/respond_threaded.h"

#include <stdlib.h>

#include "framework/http/status.h"
#include "framework/server/connection/output.h"

enum { TIMED_OUT = 503 };

/* --- in a handler thread --- */

static km_runner *thread_runner(const km_exchange_job *job, km_buffer *output, km_thread_slot *slot)
{
	static __thread km_runner runner; /* keeps its date */

	runner.app = job->app;
	runner.output = output;
	runner.slot = slot;
	runner.draining = job->draining;
	return &runner;
}

static void close_in_thread(km_job *base, km_thread_slot *slot)
{
	km_exchange_job *job = (km_exchange_job *)(void *)base;
	km_runner *runner = thread_runner(job, NULL, slot);

	km_exchange_enter(job->exchange, runner);
	km_exchange_close(job->exchange);
	km_exchange_leave(runner);
}

/* One go: the call with the first pull, one pull, or the close. The loop sends the end of the
 * response while the body is closed, which may take long (the profiler reports there). */
static bool run_in_thread(km_job *base, km_thread_slot *slot)
{
	km_exchange_job *job = (km_exchange_job *)(void *)base;
	km_exchange *exchange = job->exchange;
	km_runner *runner = thread_runner(job, &job->output, slot);

	if (job->closing) {
		close_in_thread(base, slot);
		return false;
	}
	km_exchange_enter(exchange, runner);
	if (!exchange->called)
		km_exchange_call(exchange, runner);
	job->step = km_exchange_advance(exchange, runner);
	km_exchange_leave(runner);
	return job->step == KM_EXCHANGE_END && km_exchange_has_close(exchange);
}

/* --- on the loop --- */

static km_handoff *handoff_of(km_job *job)
{
	return (km_handoff *)(void *)job; /* its first member's first member */
}

static void submit(km_handoff *handoff, km_loop *loop)
{
	km_exchange_job *job = &handoff->job;

	handoff->place = KM_EXCHANGE_IN_THREAD;
	handoff->running = true;
	job->draining = loop->draining;
	job->job.refusable = !job->exchange->called && !job->closing;
	job->job.unwanted = false;
	km_buffer_clear(&job->output);
	loop->in_threads++;
	km_thread_pool_submit(handoff->pool, &job->job);
	event_active(loop->submitted, EV_TIMEOUT, 0);
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

void km_respond_threaded_start(km_connection *connection, km_thread_pool *pool)
{
	km_exchange *exchange = connection->exchange;
	km_loop *loop = connection->loop;

	if (!exchange->handoff)
		exchange->handoff = calloc(1, sizeof *exchange->handoff);
	if (!exchange->handoff || !own_address(exchange)) {
		connection->dead = true;
		return;
	}
	const km_buffer output = exchange->handoff->job.output;
	*exchange->handoff = (km_handoff){
		.job = {.job = {.run = run_in_thread, .finish = close_in_thread},
			.exchange = exchange,
			.app = loop->runner.app,
			.output = output},
		.pool = pool,
		.connection = connection,
	};
	submit(exchange->handoff, loop);
}

/* Puts what the thread has made into the output, and asks for more. */
static km_exchange *take_output(km_connection *connection)
{
	km_exchange *exchange = connection->exchange;
	km_handoff *handoff = exchange->handoff;
	const km_buffer *output = &handoff->job.output;

	handoff->place = KM_EXCHANGE_ON_LOOP;
	handoff->begun = exchange->status;
	handoff->begun_bytes = exchange->sent;
	connection->dead |= output->failed != 0;
	km_buffer_append(&connection->loop->output, output->data, output->len);
	if (handoff->job.step == KM_EXCHANGE_END)
		return exchange;
	if (handoff->job.step == KM_EXCHANGE_PULL || km_output_flush(connection))
		submit(handoff, connection->loop);
	return NULL;
}

km_exchange *km_respond_threaded_resume(km_connection *connection)
{
	km_handoff *handoff = connection->exchange->handoff;

	if (handoff->place == KM_EXCHANGE_BACK)
		return take_output(connection);
	if (handoff->place == KM_EXCHANGE_ON_LOOP)
		submit(handoff, connection->loop);
	return NULL;
}

void km_respond_threaded_end(km_exchange *exchange, km_loop *loop)
{
	km_handoff *handoff = exchange->handoff;

	handoff->connection = NULL;
	if (handoff->running)
		return;				    /* until it comes back */
	bool runs = handoff->pool->threads != NULL; /* else the server is being freed */
	if (runs && km_exchange_has_close(exchange)) {
		handoff->job.closing = true;
		submit(handoff, loop);
	} else {
		km_exchange_release(exchange, loop);
	}
}

km_connection *km_respond_threaded_take_back(km_loop *loop, km_job *job, bool finished)
{
	km_handoff *handoff = handoff_of(job);
	km_connection *connection = handoff->connection;
	bool made_more = handoff->place == KM_EXCHANGE_IN_THREAD;

	if (made_more)
		handoff->place = KM_EXCHANGE_BACK;
	if (finished) {
		handoff->running = false;
		loop->in_threads--;
		loop->given_up -= handoff->given_up;
		handoff->given_up = false;
		if (!connection)
			km_respond_threaded_end(handoff->job.exchange, loop);
		km_loop_end_if_done(loop);
	}
	return made_more ? connection : NULL;
}

/* The connection gets 503, or ends in the middle of its response. Returns the status for the access
 * log. */
static int respond_without(km_connection *connection, const km_exchange *exchange)
{
	const km_handoff *handoff = exchange->handoff;
	km_loop *loop = connection->loop;

	connection->exchange = NULL;
	connection->state = KM_CONNECTION_HEAD;
	connection->closing = true;
	connection->reset = handoff->begun;
	if (handoff->begun)
		return handoff->begun;
	connection->lingering = true;
	km_exchange_refuse(&loop->runner, TIMED_OUT, KM_HTTP_CONNECTION_CLOSE,
			   exchange->without_content);
	if (km_output_blocked(connection)) /* by the response before */
		km_buffer_append(&connection->backlog->output, loop->output.data, loop->output.len);
	return TIMED_OUT;
}

static void log_without(km_loop *loop, const km_exchange *exchange, int status)
{
	const km_handoff *handoff = exchange->handoff;
	uint64_t bytes = handoff->begun_bytes;

	if (!loop->access_log.on)
		return;
	if (status == TIMED_OUT && !handoff->begun && !exchange->without_content)
		bytes = km_http_error_length(TIMED_OUT);
	km_access_log_request(&loop->access_log, exchange->server.remote_addr, &exchange->request,
			      status, bytes);
}

/* Reads, of the exchange, only what its thread does not write. */
km_connection *km_respond_threaded_give_up(km_loop *loop, km_job *job)
{
	km_handoff *handoff = handoff_of(job);
	km_exchange *exchange = handoff->job.exchange;
	km_connection *connection = handoff->connection;
	int status = handoff->begun ? handoff->begun : KM_CLIENT_LEFT;

	handoff->given_up = true;
	loop->given_up++;
	handoff->logged = true;
	if (handoff->place == KM_EXCHANGE_BACK) { /* complete; only the close takes its time */
		handoff->begun_bytes = exchange->sent;
		log_without(loop, exchange, exchange->status);
		return NULL;
	}
	handoff->connection = NULL;
	if (connection)
		status = respond_without(connection, exchange);
	log_without(loop, exchange, status);
	return connection;
}

km_connection *km_respond_threaded_refuse(km_loop *loop, km_job *job)
{
	km_handoff *handoff = handoff_of(job);
	km_exchange *exchange = handoff->job.exchange;
	km_connection *connection = handoff->connection;
	int status = KM_CLIENT_LEFT;

	loop->in_threads--;
	if (connection && !handoff->client_left) {
		status = respond_without(connection, exchange);
	} else if (connection) {
		connection->exchange = NULL;
		connection->dead = true;
	}
	log_without(loop, exchange, status);
	km_exchange_release(exchange, loop);
	km_loop_end_if_done(loop);
	return connection;
}
