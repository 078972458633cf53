#include "framework/server/connection/exchange.h"

#include <stdalign.h>
#include <stdlib.h>

#include "framework/base/escaped_fork.h"
#include "framework/base/log.h"

/* What a loop keeps between requests: enough for the blocked responses of a busy loop. */
enum { MAX_SPARE = 64, MAX_SPARE_CONTENT = 65536 };

km_exchange *km_exchange_new(km_loop *loop)
{
	km_exchange *exchange = loop->spare;

	if (!exchange) {
		exchange = aligned_alloc(alignof(km_exchange), sizeof *exchange);
		return exchange ? memset(exchange, 0, sizeof *exchange) : NULL;
	}
	loop->spare = exchange->next;
	loop->spare_count--;
	exchange->parsed = false;
	return exchange;
}

static void exchange_free(km_exchange *exchange)
{
	km_arena_finish(&exchange->arena);
	km_http_body_store_clear(&exchange->content, 0);
	if (exchange->handoff)
		km_buffer_finish(&exchange->handoff->job.output);
	free(exchange->handoff);
	free(exchange);
}

void km_exchange_close(km_exchange *exchange)
{
	km_body *body = exchange->body;

	exchange->body = NULL;
	exchange->chunk = (km_str){NULL, 0};
	if (body && body->close)
		body->close(body);
}

static void log_access(km_exchange *exchange, km_loop *loop)
{
	if (loop->access_log.on)
		km_access_log_request(
			&loop->access_log, exchange->server.remote_addr, &exchange->request,
			exchange->status ? exchange->status : KM_CLIENT_LEFT, exchange->sent);
}

void km_exchange_release(km_exchange *exchange, km_loop *loop)
{
	km_handoff *handoff = exchange->handoff;

	km_exchange_close(exchange);
	if (exchange->called && !(handoff && handoff->logged))
		log_access(exchange, loop);
	exchange->called = false;
	if (handoff) {
		handoff->pool = NULL;
		handoff->logged = false;
	}
	if (loop->spare_count >= MAX_SPARE) {
		exchange_free(exchange);
		return;
	}
	km_arena_reset(&exchange->arena);
	km_http_body_store_clear(&exchange->content, MAX_SPARE_CONTENT);
	exchange->next = loop->spare;
	loop->spare = exchange;
	loop->spare_count++;
}

void km_exchange_free_spares(km_loop *loop)
{
	while (loop->spare) {
		km_exchange *exchange = loop->spare;
		loop->spare = exchange->next;
		exchange_free(exchange);
	}
	loop->spare_count = 0;
}

/* A stream goes on after other requests had the thread. */
static void resume(km_exchange *exchange, km_request_slot *progress)
{
	const km_http_request *request = &exchange->request;

	km_request_slot_begin(progress, km_clock_coarse_ns(), exchange->number, request->method,
			      request->target);
	km_request_slot_routed(progress, km_environ_route(&exchange->environ),
			       exchange->environ.handler);
	progress->started_ns = exchange->started_ns;
}

void km_exchange_enter(km_exchange *exchange, km_runner *runner)
{
	const km_http_request *request = &exchange->request;
	km_request_slot *progress = runner->progress;

	if (!progress)
		return;
	if (!exchange->called) {
		km_request_slot_begin(progress, km_clock_coarse_ns(), exchange->number,
				      request->method, request->target);
		exchange->started_ns = progress->started_ns;
	} else if (progress->request != exchange->number) {
		resume(exchange, progress);
	} else {
		progress->since_ns = km_clock_coarse_ns();
	}
}

void km_exchange_leave(km_runner *runner)
{
	if (runner->progress)
		km_request_slot_leave(runner->progress);
}

void km_exchange_call(km_exchange *exchange, km_runner *runner)
{
	const km_http_request *request = &exchange->request;

	exchange->chunk = (km_str){NULL, 0};
	exchange->left = -1;
	exchange->status = 0;
	exchange->sent = 0;
	exchange->called = true;
	exchange->chunked = exchange->lent = exchange->ended = exchange->broken = false;
	exchange->close = !request->keep_alive || runner->draining;
	km_environ_init(&exchange->environ, request, &exchange->server, &exchange->arena);
	km_wsgi_response_init(&exchange->response, &exchange->arena);
	exchange->body = runner->app->call(runner->app, &exchange->environ,
					   &exchange->response.start_response);
	km_escaped_fork_check(request->method.ptr, request->target.ptr);
}
