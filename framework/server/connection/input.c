#include "framework/server/connection/input.h"

#include <errno.h>

#include "framework/base/log.h"
#include "framework/http/head_parser.h"
#include "framework/server/connection/output.h"

static void advance(km_str *input, size_t count)
{
	input->ptr += count;
	input->len -= count;
}

/* Keeps the scan for the next bytes; the caller keeps those that came. */
static int keep_scan(km_connection *connection, const km_http_head_scan *scan)
{
	km_backlog *backlog = km_output_backlog(connection);

	if (!backlog)
		return KM_ENOMEM;
	backlog->scan = *scan;
	return KM_INPUT_MORE;
}

static bool has_body(const km_http_request *request)
{
	return request->chunked || request->content_length > 0;
}

/* Parses the head in the request's arena, not in the loop's input: a blocked response outlives
 * that.
 */
static int parse_head(km_connection *connection, const char *head, const km_http_head_scan *scan)
{
	size_t len = scan->line - scan->start;
	km_exchange *exchange = km_exchange_new(connection->loop);

	connection->exchange = exchange;
	if (!exchange)
		return 500;
	char *copy = km_arena_copy(&exchange->arena, head, len);
	if (!copy)
		return 500;
	int status = km_http_head_parse(copy, scan, &exchange->arena, &exchange->request);
	if (status)
		return status;
	exchange->parsed = true;
	exchange->without_content = km_str_equal(exchange->request.method, KM_STR("HEAD"));
	if (!has_body(&exchange->request))
		return 0;
	return km_http_body_init(&exchange->decoder, &exchange->request,
				 connection->loop->limits.body);
}

/* A client that has begun to send does not wait for it (RFC 9110 section 10.1.1). */
static bool waits_for_continue(const km_http_request *request, km_str rest)
{
	return request->expect_continue && rest.len == 0 && has_body(request);
}

int km_input_head(km_connection *connection, km_str *input)
{
	km_backlog *backlog = connection->backlog;
	km_http_head_scan scan = backlog ? backlog->scan : (km_http_head_scan){0};
	int status =
		km_http_head_scan_bytes(&scan, input->ptr, input->len, &connection->loop->limits);

	if (status < 0)
		return keep_scan(connection, &scan);
	if (backlog)
		backlog->scan = (km_http_head_scan){0};
	if (!status)
		status = parse_head(connection, input->ptr + scan.start, &scan);
	if (status) {
		advance(input, scan.start);
		return status;
	}
	advance(input, scan.line);
	if (waits_for_continue(&connection->exchange->request, *input))
		km_buffer_text(&connection->loop->output, "HTTP/1.1 100 Continue\r\n\r\n");
	return 0;
}

/* The status for a body that cannot be stored: 507 when the disk is full. */
static int storage_failure(km_loop *loop, int failed)
{
	int error = failed == KM_EIO ? errno : ENOMEM;

	if (km_log_is_due(&loop->storage_logged))
		km_log("cannot store the body of a request: %s", strerror(error));
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? 507 : 500;
}

int km_input_body(km_connection *connection, km_str *input)
{
	km_exchange *exchange = connection->exchange;
	km_http_body_store *content = &exchange->content;
	km_loop *loop = connection->loop;
	km_str data;
	int result;

	if (!has_body(&exchange->request))
		return 0;
	while ((result = km_http_body_next(&exchange->decoder, input, &data)) ==
	       KM_HTTP_BODY_DATA) {
		int failed = km_http_body_store_append(content, data, loop->limits.body_memory);
		if (failed)
			return storage_failure(loop, failed);
	}
	if (result == KM_HTTP_BODY_MORE)
		return KM_INPUT_MORE;
	if (result != KM_HTTP_BODY_END)
		return result;
	if (content->in_file)
		exchange->request.store = content;
	else
		exchange->request.body = km_http_body_store_view(content);
	return 0;
}
