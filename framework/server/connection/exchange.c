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
	/* The supervisor still reads the slot of a request that was given up. */
	if (exchange->slot && !(handoff && handoff->logged))
		km_request_slots_give(loop->slots, exchange->slot);
	exchange->slot = NULL;
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

/* A stream without a slot of its own may continue after other requests had the thread's. */
static void write_slot(km_exchange *exchange, km_request_slot *slot, const km_thread_slot *thread)
{
	const km_http_request *request = &exchange->request;
	bool resumed = exchange->called;

	if (resumed && (exchange->slot || thread->number == exchange->number))
		return;
	km_request_slot_begin(slot, exchange->started_ns, request->method, request->target);
	if (resumed) {
		km_request_slot_set_route(slot, km_environ_route(&exchange->environ));
		slot->handler = exchange->environ.handler;
	}
}

void km_exchange_enter(km_exchange *exchange, km_runner *runner)
{
	km_thread_slot *thread = runner->slot;
	km_request_slot *slot = exchange->slot ? exchange->slot : thread ? &thread->own : NULL;

	exchange->environ.slot = slot;
	if (!slot)
		return;
	int64_t now = km_clock_coarse_ns();
	if (!exchange->called)
		exchange->started_ns = now;
	write_slot(exchange, slot, thread);
	if (thread)
		km_thread_slot_enter(thread, exchange->slot, exchange->number, now);
}

void km_exchange_leave(km_runner *runner)
{
	if (runner->slot)
		km_thread_slot_leave(runner->slot);
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
	km_request_slot *slot = exchange->environ.slot;
	km_environ_init(&exchange->environ, request, &exchange->server, &exchange->arena);
	exchange->environ.slot = slot;
	km_wsgi_response_init(&exchange->response, &exchange->arena);
	exchange->body = runner->app->call(runner->app, &exchange->environ,
					   &exchange->response.start_response);
	km_escaped_fork_check(request->method.ptr, request->target.ptr);
}
