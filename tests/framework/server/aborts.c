/* Clients that leave at every byte of a request and of a response: no crash, no leak, and the body
 * of every response is closed exactly once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "tests/framework/server/server_app.h"

static struct server server;

/* The length of the response to `sent`, and of its head. */
static size_t response_length(const char *sent, size_t *head)
{
	km_buffer response = {0};
	const size_t date = strlen("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	int fd = dial(server.port);

	send_text(fd, sent);
	assert_true(read_to_end(fd, &response));
	*head = (size_t)(strstr(response.data, "\r\n\r\n") + 4 - response.data) + date;
	size_t len = strlen(response.data) + date;
	close(fd);
	km_buffer_finish(&response);
	return len;
}

/* Every body that the application gave out is closed, none twice, when nothing moves any more. */
static void check_closes(void)
{
	for (int i = 0; i < 400; i++) {
		int bodies = server_settled(&server, &server.seen->bodies);
		if (atomic_load(&server.seen->closes) == bodies)
			return;
	}
	assert_int_equal(atomic_load(&server.seen->closes), atomic_load(&server.seen->bodies));
}

static void a_client_may_leave_at_any_byte_of_a_request(void **state)
{
	(void)state;
	const char *sent = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			   "3\r\nabc\r\n0\r\n\r\n" GET("/stream") GET("/blocks");

	for (size_t len = 0; len <= strlen(sent); len++) {
		for (int reset = 0; reset < 2; reset++) {
			int fd = dial(server.port);
			send_bytes(fd, sent, len, SIZE_MAX / 2);
			hang_up(fd, reset);
		}
	}
	check_closes();
}

static void leave_at(const char *sent, size_t len, bool reset)
{
	int fd = dial_narrow(server.port);

	send_text(fd, sent);
	read_count(fd, NULL, len);
	hang_up(fd, reset);
}

static void a_client_may_leave_at_any_byte_of_a_response(void **state)
{
	(void)state;
	const char *sent[] = {
		LAST("/closed"),
		LAST("/stream"),
		"GET /stream HTTP/1.0\r\n\r\n",
		LAST("/null"),
		("POST /echo HTTP/1.1\r\nHost: a\r\n"
		 "Connection: close\r\nContent-Length: 3\r\n\r\nabc"),
		"GET / HTTP/9.9\r\n\r\n",
	};
	size_t head;

	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
		size_t len = response_length(sent[i], &head);
		for (size_t at = 0; at <= len; at++) {
			leave_at(sent[i], at, false);
			leave_at(sent[i], at, true);
		}
	}
	check_closes();
}

/* The server is in the middle of the response when the client leaves: it writes the next chunk to a
 * socket that is closed. */
static void a_client_may_leave_before_any_chunk(void **state)
{
	(void)state;
	const struct {
		const char *sent;
		size_t step;
	} cases[] = {
		{LAST("/steps"), 8}, /* "3\r\none\r\n" */
		{"GET /steps HTTP/1.0\r\n\r\n", 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t head, step = cases[i].step;
		atomic_store(&server.seen->allowed, 4);
		size_t len = response_length(cases[i].sent, &head);
		check_closes(); /* a handler thread closes a little later */
		for (size_t at = 0; at < 2 * len; at++) {
			size_t bytes = at / 2, behind = bytes > head ? bytes - head : 1;
			size_t chunks = bytes == 0 ? 0 : (behind + step - 1) / step;
			int closes = atomic_load(&server.seen->closes);

			atomic_store(&server.seen->allowed, chunks > 4 ? 4 : (int)chunks);
			leave_at(cases[i].sent, bytes, at % 2);
			atomic_store(&server.seen->allowed, 4);
			wait_until(&server.seen->closes, closes + 1);
		}
	}
	check_closes();
}

/* Every offset around the end of a piece, and long strides between. */
static size_t next_offset(size_t at, const size_t edges[], int count)
{
	enum { NEAR = 12, STRIDE = 1009 };
	size_t next = at + STRIDE;

	for (int i = 0; i < count; i++) {
		if (at + NEAR >= edges[i] && at <= edges[i] + NEAR)
			return at + 1;
		if (at < edges[i] && next + NEAR > edges[i])
			next = edges[i] - NEAR;
	}
	return next;
}

/* A response that no socket takes at once. */
static void a_client_may_leave_in_the_middle_of_long_chunks(void **state)
{
	(void)state;
	const char *sent = LAST("/blocks");
	const size_t chunk = strlen("10000\r\n") + 65536 + strlen("\r\n");
	size_t head, len = response_length(sent, &head);
	const size_t edges[] = {0, head, head + chunk, head + 2 * chunk, len};

	for (size_t at = 0; at <= len; at = next_offset(at, edges, 5))
		leave_at(sent, at, at % 2);
	check_closes();
}

static void other_clients_are_still_served(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial(server.port);

	send_text(fd, LAST("/hello"));
	assert_true(read_to_end(fd, &response));
	assert_string_equal(response.data, CLOSED("5") "hello");
	close(fd);
	km_buffer_finish(&response);
}

static int start(void **state)
{
	(void)state;
	server = server_start(&server_defaults);
	return 0;
}

/* Under sanitizers the exit status shows what they found. */
static int stop(void **state)
{
	(void)state;
	return server_stop(&server, SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_may_leave_at_any_byte_of_a_request),
		cmocka_unit_test(a_client_may_leave_at_any_byte_of_a_response),
		cmocka_unit_test(a_client_may_leave_before_any_chunk),
		cmocka_unit_test(a_client_may_leave_in_the_middle_of_long_chunks),
		cmocka_unit_test(other_clients_are_still_served),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/aborts", tests, start, stop);
}
