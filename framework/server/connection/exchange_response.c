#include "framework/base/escaped_fork.h"
#include "framework/base/log.h"
#include "framework/http/field.h"
#include "framework/http/response_head.h"
#include "framework/http/status.h"
#include "framework/server/connection/exchange.h"

/* A chunk up to this size is copied behind the head, so that both leave in one write, and pipelined
 * responses together. A longer one goes to the socket from where it lies. */
enum { MAX_COPY = 16384 };

/* --- the head --- */

/* What the application's fields say about framing. Only the server may send hop-by-hop fields (PEP
 * 3333, "Other HTTP Features"): it takes them out, and heeds them where it can. */
struct fields {
	int64_t content_length; /* -1: none */
	bool valid, date, close;
};

static bool take_field(const km_header *field, struct fields *found)
{
	if (km_http_name_is(field->name, "content-length")) {
		int64_t length = -1;
		if (!km_http_parse_length(field->value, &length) ||
		    (found->content_length >= 0 && found->content_length != length))
			found->valid = false;
		found->content_length = length;
		return true;
	}
	if (km_http_name_is(field->name, "connection")) {
		found->close |= km_http_list_has(field->value, "close");
		return true;
	}
	found->date |= km_http_name_is(field->name, "date");
	return km_http_name_is(field->name, "keep-alive") ||
	       km_http_name_is(field->name, "transfer-encoding");
}

static struct fields take_fields(km_wsgi_response *response)
{
	struct fields found = {.content_length = -1, .valid = true};
	size_t kept = 0;

	for (size_t i = 0; i < response->header_count; i++) {
		if (take_field(&response->headers[i], &found))
			continue;
		if (kept < i)
			response->headers[kept] = response->headers[i];
		kept++;
	}
	response->header_count = kept;
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

__attribute__((cold)) void km_exchange_refuse(km_runner *runner, int status,
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
	if (!without_content)
		km_buffer_append(runner->output, text, len);
}

/* Responds with 500: the application failed before a byte was sent. The request was read to its
 * end, so the connection is in step and may go on. */
static __attribute__((cold)) km_exchange_step respond_500(km_exchange *exchange, km_runner *runner,
							  const char *why)
{
	km_log("%s %s: %s", exchange->request.method.ptr, exchange->request.target.ptr, why);
	exchange->response.sent = true;
	exchange->ended = true;
	exchange->status = 500;
	exchange->sent = exchange->without_content ? 0 : km_http_error_length(500);
	exchange->chunk = (km_str){NULL, 0};
	km_exchange_refuse(runner, 500, connection_field(exchange), exchange->without_content);
	return KM_EXCHANGE_END;
}

/* Decides how the peer finds the end of the content (RFC 9112 section 6.3): by length, by chunks,
 * or, on HTTP/1.0, by the end of the connection. */
static void frame(km_exchange *exchange, int64_t length)
{
	exchange->left = length;
	if (length >= 0 || exchange->without_content)
		return;
	if (exchange->request.minor > 0)
		exchange->chunked = true;
	else
		exchange->close = true;
}

/* Puts the head into the output. `length` is that of the body, -1 when not known. Returns why the
 * response cannot be sent, or NULL. */
static const char *start_response(km_exchange *exchange, km_runner *runner, int64_t length)
{
	km_wsgi_response *response = &exchange->response;
	struct fields found = take_fields(response);
	km_http_response_head head = {.status = response->status};

	if (response->status < 200)
		return "the application's response has an interim status";
	if (!found.valid)
		return "the application's response has a wrong Content-Length";
	exchange->close |= found.close;
	head.content_length = found.content_length;
	if (km_http_status_has_content(response->status)) {
		if (head.content_length < 0)
			head.content_length = length;
		frame(exchange, head.content_length);
		head.chunked = exchange->chunked;
		if (exchange->without_content)
			exchange->ended = true;
	} else {
		exchange->ended = true;
		if (response->status == 204)
			head.content_length = -1; /* RFC 9110 section 8.6 */
		else if (response->status == 205)
			head.content_length = 0;
	}
	head.fields = response->headers;
	head.count = response->header_count;
	head.connection = connection_field(exchange);
	head.date = found.date ? NULL : date_now(runner);
	response->sent = true;
	exchange->status = response->status;
	put_head(runner, &head);
	if (exchange->left == 0)
		exchange->ended = true;
	return NULL;
}

/* --- the content --- */

/* Cuts what exceeds the Content-Length: the peer would read it as the next response. */
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
	/* No block waits for the next one (PEP 3333, "Buffering and Streaming"). */
	return exchange->ended ? KM_EXCHANGE_END : KM_EXCHANGE_FLUSH;
}

static __attribute__((cold)) km_exchange_step cut_short(km_exchange *exchange, const char *why)
{
	km_log("%s %s: %s after the response had begun", exchange->request.method.ptr,
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
		return respond_500(exchange, runner,
				   "the body failed before the response had begun");
	if (exchange->response.status == 0)
		return respond_500(exchange, runner, "the application did not call start_response");
	bool empty = got == 0 && !exchange->without_content;
	const char *why = start_response(exchange, runner, empty ? 0 : exchange->body->length);
	if (why)
		return respond_500(exchange, runner, why);
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
		return respond_500(exchange, runner, "the application gave no body");
	/* The application may have made all of the content: its length stays, and no chunk is
	 * pulled that the peer does not get. */
	if (exchange->without_content && exchange->response.status)
		return first_content(exchange, runner, 0, chunk);
	int got = exchange->body->next(exchange->body, &chunk);
	km_escaped_fork_check(exchange->request.method.ptr, exchange->request.target.ptr);
	if (got > 0 && chunk.len == 0)
		return KM_EXCHANGE_PULL;
	if (!exchange->response.sent)
		return first_content(exchange, runner, got, chunk);
	if (got < 0)
		return cut_short(exchange, "the body failed");
	return got ? put_chunk(exchange, runner, chunk) : end_content(exchange, runner);
}
