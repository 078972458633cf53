#include "framework/server/connection/exchange.h"

#include <stdalign.h>
#include <stdlib.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/http/field.h"
#include "framework/http/response_head.h"
#include "framework/http/status.h"
#include "framework/base/escaped_fork.h"

/* What a loop keeps between requests: enough for the blocked answers of a busy loop. */
enum { MAX_SPARE = 64, MAX_SPARE_CONTENT = 65536 };
/* A chunk up to this size is copied behind the head, so that both leave in one write and pipelined
 * answers together; a longer one goes to the socket from where it lies. */
enum { MAX_COPY = 16384 };

km_exchange *km_exchange_new(km_loop *loop)
{
	km_exchange *exchange = loop->spare;

	if (!exchange) {
		exchange = aligned_alloc(alignof(km_exchange), sizeof *exchange);
		return exchange ? memset(exchange, 0, sizeof *exchange) : NULL;
	}
	loop->spare = exchange->next;
	loop->spare_count--;
	return exchange;
}

static void exchange_free(km_exchange *exchange)
{
	km_arena_finish(&exchange->arena);
	km_http_body_store_clear(&exchange->content, 0);
	km_buffer_finish(&exchange->output);
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
	km_exchange_close(exchange);
	if (exchange->slot)
		km_request_slots_give(loop->slots, exchange->slot);
	exchange->slot = NULL;
	if (exchange->called && !exchange->logged)
		log_access(exchange, loop);
	exchange->called = exchange->logged = false;
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

/* A stream without a slot of its own may go on after others had the thread's. */
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
	km_thread_slot *thread = runner->progress;
	km_request_slot *slot = exchange->slot ? exchange->slot : thread ? &thread->own : NULL;

	exchange->environ.slot = slot;
	if (!slot)
		return;
	int64_t now = runner->now_ns ? runner->now_ns : km_clock_coarse_ns();
	if (!exchange->called)
		exchange->started_ns = now;
	write_slot(exchange, slot, thread);
	if (thread)
		km_thread_slot_enter(thread, exchange->slot, exchange->number, now);
}

void km_exchange_leave(km_runner *runner)
{
	if (runner->progress)
		km_thread_slot_leave(runner->progress);
}

void km_exchange_call(km_exchange *exchange, km_runner *runner)
{
	const km_http_request *request = &exchange->request;

	exchange->chunk = (km_str){NULL, 0};
	exchange->left = -1;
	exchange->status = 0;
	exchange->sent = 0;
	exchange->called = true;
	exchange->head_request = km_exchange_asks_for_head(exchange);
	exchange->chunked = exchange->lent = exchange->ended = exchange->broken = false;
	exchange->close = !request->keep_alive || runner->draining;
	km_request_slot *slot = exchange->environ.slot;
	km_environ_init(&exchange->environ, request, &exchange->server, &exchange->arena);
	exchange->environ.slot = slot;
	km_wsgi_response_init(&exchange->answer, &exchange->arena);
	exchange->body = runner->app->call(runner->app, &exchange->environ,
					   &exchange->answer.start_response);
	km_escaped_fork_check(request->method.ptr, request->target.ptr);
}

/* --- the head --- */

/* What the application's fields say about framing. Hop-by-hop fields are the server's affair (PEP
 * 3333, "Other HTTP Features"): they are taken out, and heeded where they can be. */
struct fields {
	int64_t content_length; /* -1: none */
	bool valid, date, close;
};

static bool take_field(const km_header *field, struct fields *found)
{
	int64_t length = -1;

	switch (field->name.len) {
	case 4:
		found->date |= km_http_name_is(field->name, "date");
		return false;
	case 10:
		if (km_http_name_is(field->name, "keep-alive"))
			return true;
		if (!km_http_name_is(field->name, "connection"))
			return false;
		found->close |= km_http_list_has(field->value, "close");
		return true;
	case 14:
		if (!km_http_name_is(field->name, "content-length"))
			return false;
		if (!km_http_parse_length(field->value, &length) ||
		    (found->content_length >= 0 && found->content_length != length))
			found->valid = false;
		found->content_length = length;
		return true;
	case 17:
		return km_http_name_is(field->name, "transfer-encoding");
	default:
		return false;
	}
}

static struct fields take_fields(km_wsgi_response *answer)
{
	struct fields found = {.content_length = -1, .valid = true};
	size_t kept = 0;

	for (size_t i = 0; i < answer->header_count; i++) {
		if (take_field(&answer->headers[i], &found))
			continue;
		if (kept < i)
			answer->headers[kept] = answer->headers[i];
		kept++;
	}
	answer->header_count = kept;
	return found;
}

static void put_head(km_runner *runner, const km_http_response_head *head)
{
	char *at = km_buffer_reserve(runner->output, km_http_response_head_bound(head));

	if (at)
		runner->output->len += km_http_response_head_write(head, at);
}

static const char *date_now(km_runner *runner)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return km_http_date_at(&runner->date, now.tv_sec);
}

static km_http_connection connection_field(const km_exchange *exchange)
{
	if (exchange->close)
		return KM_HTTP_CONNECTION_CLOSE;
	return exchange->request.minor == 0 ? KM_HTTP_CONNECTION_KEEP_ALIVE
					    : KM_HTTP_CONNECTION_DEFAULT;
}

static __attribute__((cold)) void refuse_with(km_runner *runner, int status,
					      km_http_connection connection, bool without_content)
{
	char text[KM_HTTP_ERROR_SIZE];
	size_t len = km_http_error_text(status, text);
	const km_header type = {KM_STR("Content-Type"), KM_STR("text/plain; charset=utf-8")};

	put_head(runner, &(km_http_response_head){
				 .status = status,
				 .fields = &type,
				 .count = 1,
				 .content_length = (int64_t)len,
				 .connection = connection,
				 .date = date_now(runner),
			 });
	if (without_content)
		return;
	km_buffer_append(runner->output, text, len);
}

void km_exchange_refuse(km_runner *runner, int status, bool without_content)
{
	refuse_with(runner, status, KM_HTTP_CONNECTION_CLOSE, without_content);
}

/* The application failed before a byte was sent. The request was read to its end, so the connection
 * is in step and may go on. */
static __attribute__((cold)) km_exchange_step answer_500(km_exchange *exchange, km_runner *runner,
							 const char *why)
{
	km_log("%s %s: %s", exchange->request.method.ptr, exchange->request.target.ptr, why);
	exchange->answer.sent = true;
	exchange->ended = true;
	exchange->status = 500;
	exchange->sent = exchange->head_request ? 0 : km_http_error_length(500);
	exchange->chunk = (km_str){NULL, 0};
	refuse_with(runner, 500, connection_field(exchange), exchange->head_request);
	return KM_EXCHANGE_END;
}

/* How the peer learns where the content ends (RFC 9112 section 6.3): by length, by chunks, or, on
 * HTTP/1.0, by the end of the connection. */
static void frame(km_exchange *exchange, int64_t length)
{
	exchange->left = length;
	if (length >= 0 || exchange->head_request)
		return;
	if (exchange->request.minor > 0)
		exchange->chunked = true;
	else
		exchange->close = true;
}

/* `length` is that of the body, -1 when not known. Returns why the answer cannot be sent, or NULL.
 */
static const char *start_answer(km_exchange *exchange, km_runner *runner, int64_t length)
{
	km_wsgi_response *answer = &exchange->answer;
	struct fields found = take_fields(answer);
	km_http_response_head head = {.status = answer->status};

	if (answer->status < 200)
		return "the application's answer has an interim status";
	if (!found.valid)
		return "the application's answer has a wrong Content-Length";
	exchange->close |= found.close;
	head.content_length = found.content_length;
	if (km_http_status_has_content(answer->status)) {
		if (head.content_length < 0)
			head.content_length = length;
		frame(exchange, head.content_length);
		head.chunked = exchange->chunked;
		if (exchange->head_request)
			exchange->ended = true;
	} else {
		exchange->ended = true;
		if (answer->status == 204)
			head.content_length = -1; /* RFC 9110 section 8.6 */
		else if (answer->status == 205)
			head.content_length = 0;
	}
	head.fields = answer->headers;
	head.count = answer->header_count;
	head.connection = connection_field(exchange);
	head.date = found.date ? NULL : date_now(runner);
	answer->sent = true;
	exchange->status = answer->status;
	put_head(runner, &head);
	if (exchange->left == 0)
		exchange->ended = true;
	return NULL;
}

/* --- the content --- */

/* Cuts what exceeds the Content-Length: the peer would read it as the next answer. */
static void clip(km_exchange *exchange, km_str *chunk)
{
	if (exchange->left < 0)
		return;
	if (chunk->len > (uint64_t)exchange->left) {
		km_log("%s %s: the body is longer than its Content-Length",
		       exchange->request.method.ptr, exchange->request.target.ptr);
		chunk->len = (size_t)exchange->left;
	}
	exchange->left -= (int64_t)chunk->len;
	if (exchange->left == 0)
		exchange->ended = true;
}

static km_exchange_step put_chunk(km_exchange *exchange, km_runner *runner, km_str chunk)
{
	clip(exchange, &chunk);
	exchange->sent += chunk.len;
	if (exchange->chunked) {
		char *at = km_buffer_reserve(runner->output, KM_HTTP_CHUNK_SIZE_MAX);
		if (at)
			runner->output->len += km_http_chunk_size_write(chunk.len, at);
	}
	if (chunk.len > MAX_COPY) {
		exchange->chunk = chunk;
		exchange->lent = true;
		return KM_EXCHANGE_FLUSH;
	}
	km_buffer_append(runner->output, chunk.ptr, chunk.len);
	if (exchange->chunked)
		km_buffer_append(runner->output, "\r\n", 2);
	/* Nothing produced waits for what is still to come (PEP 3333, "Buffering and Streaming").
	 */
	return exchange->ended ? KM_EXCHANGE_END : KM_EXCHANGE_FLUSH;
}

static __attribute__((cold)) km_exchange_step cut_short(km_exchange *exchange, const char *why)
{
	km_log("%s %s: %s after the answer had begun", exchange->request.method.ptr,
	       exchange->request.target.ptr, why);
	exchange->ended = exchange->broken = exchange->close = true;
	return KM_EXCHANGE_END;
}

static km_exchange_step end_content(km_exchange *exchange, km_runner *runner)
{
	if (exchange->left > 0)
		return cut_short(exchange, "the body ended");
	exchange->ended = true;
	if (exchange->chunked)
		km_buffer_append(runner->output, "0\r\n\r\n", 5);
	return KM_EXCHANGE_END;
}

/* Sends the head with the first content, or at the end of an empty body. */
static km_exchange_step first_content(km_exchange *exchange, km_runner *runner, int got,
				      km_str chunk)
{
	if (got < 0)
		return answer_500(exchange, runner, "the body failed before the answer had begun");
	if (exchange->answer.status == 0)
		return answer_500(exchange, runner, "the application did not call start_response");
	bool empty = got == 0 && !exchange->head_request;
	const char *why = start_answer(exchange, runner, empty ? 0 : exchange->body->length);
	if (why)
		return answer_500(exchange, runner, why);
	if (exchange->ended)
		return KM_EXCHANGE_END;
	return got ? put_chunk(exchange, runner, chunk) : end_content(exchange, runner);
}

km_exchange_step km_exchange_advance(km_exchange *exchange, km_runner *runner)
{
	km_str chunk = {NULL, 0};

	if (exchange->lent) { /* and is on the socket now */
		exchange->lent = false;
		if (exchange->chunked)
			km_buffer_append(runner->output, "\r\n", 2);
	}
	if (exchange->ended)
		return KM_EXCHANGE_END;
	if (!exchange->body)
		return answer_500(exchange, runner, "the application gave no body");
	/* HEAD asks for the head alone: no need to produce what nobody reads. */
	if (exchange->head_request && exchange->answer.status)
		return first_content(exchange, runner, 0, chunk);
	int got = exchange->body->next(exchange->body, &chunk);
	km_escaped_fork_check(exchange->request.method.ptr, exchange->request.target.ptr);
	if (got > 0 && chunk.len == 0)
		return KM_EXCHANGE_PULL;
	if (!exchange->answer.sent)
		return first_content(exchange, runner, got, chunk);
	if (got < 0)
		return cut_short(exchange, "the body failed");
	return got ? put_chunk(exchange, runner, chunk) : end_content(exchange, runner);
}
