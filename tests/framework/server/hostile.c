/* Every row of the parser's and the decoder's tables, sent to a listening server: the status, that
 * the connection ends behind a refusal, and that nothing behind it passes for a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/framework/http/body_rows.h"
#include "tests/framework/http/head_rows.h"
#include "tests/framework/server/client.h"
#include "tests/framework/server/server_app.h"

static struct server server;

enum { NO_RESPONSE = -1 };

/* The status of the only response, NO_RESPONSE for none. Fails when more than one comes. A 100 may
 * stand in front: the server sends it when the body has not arrived with the head. */
static int status_of(const char *name, const char *response)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (strncmp(response, interim, sizeof interim - 1) == 0)
		response += sizeof interim - 1;
	if (!*response)
		return NO_RESPONSE;
	if (strncmp(response, "HTTP/1.1 ", 9) != 0 || strstr(response + 1, "HTTP/1.1 "))
		fail_msg("%s:\n%s", name, response);
	return atoi(response + 9);
}

static void check_once(const char *name, const km_buffer *sent, size_t step, int expected)
{
	int calls = atomic_load(&server.seen->calls), fd = dial(server.port);
	km_buffer response = {0};

	send_bytes(fd, sent->data, sent->len, step);
	shutdown(fd, SHUT_WR);
	bool ended = read_to_end(fd, &response);
	int status = status_of(name, response.data);
	int called = atomic_load(&server.seen->calls) - calls;
	if (!ended || status != expected || called != (expected == 200))
		fail_msg("%s, %zu at a time: %d, not %d; %d calls%s", name, step, status, expected,
			 called, ended ? "" : "; reset");
	close(fd);
	km_buffer_finish(&response);
}

/* In pieces of every size, so that each byte is once the last of a piece. */
static void check(const char *name, const km_buffer *sent, int expected)
{
	for (size_t step = 1; step <= sent->len; step += 1 + step / 128)
		check_once(name, sent, step, expected);
}

/* The body that an accepted head announces. */
static const char *body_for(const char *head)
{
	if (strstr(head, "chunked") || strstr(head, "ChunkeD"))
		return "0\r\n\r\n";
	return strstr(head, "Content-Length: 1\r\n") ? "x" : "";
}

static void every_head_is_served_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof head_rows / sizeof *head_rows; i++) {
		const struct head_row *row = &head_rows[i];
		km_buffer sent = {0};
		km_buffer_append(&sent, row->bytes, row->len ? row->len : strlen(row->bytes));
		if (row->status == 0)
			km_buffer_text(&sent, body_for(row->bytes));
		if (row->status > 0)
			km_buffer_text(&sent, GET("/hello"));
		check(row->name, &sent, row->status == 0 ? 200 : row->status);
		km_buffer_finish(&sent);
	}
}

static void every_body_is_served_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof body_rows / sizeof *body_rows; i++) {
		const struct body_row *row = &body_rows[i];
		km_buffer sent = {0};
		km_buffer_text(&sent, "POST /hello HTTP/1.1\r\nHost: a\r\n");
		if (row->length == CHUNKED)
			km_buffer_text(&sent, "Transfer-Encoding: chunked\r\n\r\n");
		else
			km_buffer_printf(&sent, "Content-Length: %lld\r\n\r\n",
					 (long long)row->length);
		km_buffer_text(&sent, row->bytes);
		if (row->result >= 400)
			km_buffer_text(&sent, GET("/hello"));
		check(row->name, &sent,
		      row->result >= 400   ? row->result
		      : row->result == END ? 200
					   : NO_RESPONSE);
		km_buffer_finish(&sent);
	}
}

/* `unit` that many times between `start` and `end`. */
static void check_repeated(const char *name, const char *start, const char *unit, int count,
			   const char *end, int expected)
{
	km_buffer sent = {0};

	km_buffer_text(&sent, start);
	for (int i = 0; i < count; i++)
		km_buffer_text(&sent, unit);
	km_buffer_text(&sent, end);
	check(name, &sent, expected);
	km_buffer_finish(&sent);
}

#define CHUNKED_POST "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

static void repetition_is_bounded(void **state)
{
	(void)state;
	check_repeated("chunk extensions", CHUNKED_POST, "1;xxxxxxxxxxxxxxxxxxxx\r\na\r\n", 10,
		       "0\r\n\r\n", 200);
	check_repeated("a long chunk extension", CHUNKED_POST "1;", "x", 9000, "\r\na\r\n0\r\n\r\n",
		       400);
	check_repeated("100 trailers", CHUNKED_POST "0\r\n", "X: 1\r\n", 100, "\r\n", 200);
	check_repeated("101 trailers", CHUNKED_POST "0\r\n", "X: 1\r\n", 101, "\r\n", 431);
	check_repeated("8 fields", "GET / HTTP/1.1\r\nHost: a\r\n", "X: 1\r\n", 7, "\r\n", 200);
	check_repeated("9 fields", "GET / HTTP/1.1\r\nHost: a\r\n", "X: 1\r\n", 8, "\r\n", 431);
	check_repeated("a header block of 512 bytes", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", 496,
		       "\r\n\r\n", 200);
	check_repeated("a header block of 513 bytes", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", 497,
		       "\r\n\r\n", 431);
	check_repeated("a request line of 256 bytes", "GET /", "x", 242,
		       " HTTP/1.1\r\nHost: a\r\n\r\n", 200);
	check_repeated("a request line of 257 bytes", "GET /", "x", 243,
		       " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
}

static int start(void **state)
{
	km_server_options options = server_defaults;

	(void)state;
	options.limits.body = MAX;
	server = server_start(&options);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	return server_stop(&server, SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_head_is_served_or_refused),
		cmocka_unit_test(every_body_is_served_or_refused),
		cmocka_unit_test(repetition_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/hostile", tests, start, stop);
}
