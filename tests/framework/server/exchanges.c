/* Raw bytes to a listening server, and the bytes that must come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "tests/framework/server/server_app.h"

enum { TURN_US = 20000 }; /* after less than that a loop serves others */

static struct server server;

#define FAILED                                                                                     \
	"HTTP/1.1 500 Internal Server Error\r\n" TEXT                                              \
	"Content-Length: 26\r\n\r\n500 Internal Server Error\n"
#define CHUNKS "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TEN    "0123456789"
#define FIFTY  TEN TEN TEN TEN TEN
#define LONG   FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

struct row {
	const char *name, *sent, *expected;
};

/* The client sends, shuts its side, and reads to the end. */
static const struct row rows[] = {
	{"keep-alive", GET("/hello") GET("/hello"), OK("5") "hello" OK("5") "hello"},
	{"a body with close keeps the order", GET("/closed") GET("/hello") GET("/closed"),
	 OK("5") "hello" OK("5") "hello" OK("5") "hello"},
	{"1.0 with keep-alive",
	 "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" LAST("/hello"),
	 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello" CLOSED(
		 "5") "hello"},
	{"the application closes", GET("/bye") GET("/hello"), CLOSED("5") "hello"},
	{"hop-by-hop fields are the server's", GET("/hop"), OK("5") "hello"},
	{"HEAD", "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" GET("/hello"), OK("5") OK("5") "hello"},
	{"HEAD of a stream", "HEAD /endless HTTP/1.1\r\nHost: a\r\n\r\n" GET("/hello"),
	 "HTTP/1.1 200 OK\r\n\r\n" OK("5") "hello"},
	{"HEAD of an error", "HEAD /null HTTP/1.1\r\nHost: a\r\n\r\n" GET("/hello"),
	 "HTTP/1.1 500 Internal Server Error\r\n" TEXT
	 "Content-Length: 26\r\n\r\n" OK("5") "hello"},
	{"a body without length is chunked", GET("/stream") GET("/hello"),
	 CHUNKS "3\r\none\r\n10\r\nsixteen bytes ok\r\n0\r\n\r\n" OK("5") "hello"},
	{"on 1.0 the end of the connection ends it",
	 "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	 "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonesixteen bytes ok"},
	{"an empty body has length 0", GET("/empty") GET("/hello"), OK("0") OK("5") "hello"},
	{"status set with the first chunk", GET("/late"),
	 "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello"},
	{"204 has no content and no length", GET("/204") GET("/hello"),
	 "HTTP/1.1 204 No Content\r\n\r\n" OK("5") "hello"},
	{"304 has no content", GET("/304") GET("/hello"),
	 "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n" OK("5") "hello"},
	{"no body is a 500", GET("/null") GET("/hello"), FAILED OK("5") "hello"},
	{"no start_response is a 500", GET("/unstarted") GET("/hello"), FAILED OK("5") "hello"},
	{"a failure at the start is a 500", GET("/fails") GET("/hello"), FAILED OK("5") "hello"},
	{"an interim status is a 500", GET("/101"), FAILED},
	{"a wrong Content-Length is a 500", GET("/wrong"), FAILED},
	{"a failure in the middle cuts the response", GET("/breaks") GET("/hello"),
	 CHUNKS "5\r\nhello\r\n"},
	{"a body too short cuts the response", GET("/short") GET("/hello"), OK("9") "hello"},
	{"a body too long is cut", GET("/long") GET("/hello"), OK("3") "hel" OK("5") "hello"},
	{"a body by length", POST("Content-Length: 3\r\n") "abc" GET("/hello"),
	 OK("3") "abc" OK("5") "hello"},
	{"a chunked body",
	 POST("Transfer-Encoding: chunked\r\n") "1\r\na\r\n2;x\r\nbc\r\n0\r\nT: 1\r\n\r\n" GET(
		 "/hello"),
	 OK("3") "abc" OK("5") "hello"},
	{"100-continue is not sent for no body",
	 POST("Expect: 100-continue\r\nContent-Length: 0\r\n"), OK("0")},
	{"Upgrade is ignored",
	 "GET /hello HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" GET(
		 "/hello"),
	 OK("5") "hello" OK("5") "hello"},
	{"an absolute target", "GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n", OK("5") "hello"},
	{"nothing sent, no response", "", ""},
	{"half a head gets no response", "GET /hello HTTP/1.1\r\nHost: a", ""},
	{"half a body gets no response", POST("Content-Length: 3\r\n") "ab", ""},
	{"400", "GET /hello HTTP/1.1\r\n\r\n" GET("/hello"), REFUSED("400", "16", "Bad Request")},
	{"400 behind good responses", GET("/hello") "x\n",
	 OK("5") "hello" REFUSED("400", "16", "Bad Request")},
	{"400 in a chunk", POST("Transfer-Encoding: chunked\r\n") "1\r\nabc",
	 REFUSED("400", "16", "Bad Request")},
	{"400 in a chunk of HEAD has no content",
	 "HEAD /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
	 "HTTP/1.1 400 Bad Request\r\n" TEXT "Content-Length: 16\r\nConnection: close\r\n\r\n"},
	{"413 by length", POST("Content-Length: 1001\r\n"),
	 REFUSED("413", "22", "Content Too Large")},
	{"413 by chunks", POST("Transfer-Encoding: chunked\r\n") "3e9\r\n",
	 REFUSED("413", "22", "Content Too Large")},
	{"413 comes instead of 100", POST("Expect: 100-continue\r\nContent-Length: 1001\r\n"),
	 REFUSED("413", "22", "Content Too Large")},
	{"414", "GET /" LONG, REFUSED("414", "17", "URI Too Long")},
	{"431 by bytes", "GET / HTTP/1.1\r\nA: " LONG LONG,
	 REFUSED("431", "36", "Request Header Fields Too Large")},
	{"431 by count",
	 "GET / HTTP/1.1\r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\n",
	 REFUSED("431", "36", "Request Header Fields Too Large")},
	{"501", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", REFUSED("501", "20", "Not Implemented")},
	{"505", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
	 REFUSED("505", "31", "HTTP Version Not Supported")},
};

/* A client that announces its end and then sends more may see a reset behind the response. */
static const struct row rows_behind_the_end[] = {
	{"close ends the connection", LAST("/hello") GET("/hello"), CLOSED("5") "hello"},
	{"1.0 closes", "GET /hello HTTP/1.0\r\n\r\n" GET("/hello"), CLOSED("5") "hello"},
};

static void check_row(const struct row *row, bool may_be_reset)
{
	const size_t steps[] = {SIZE_MAX / 2, 1, 3};

	for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
		km_buffer response = {0};
		int fd = dial(server.port);
		send_bytes(fd, row->sent, strlen(row->sent), steps[s]);
		shutdown(fd, SHUT_WR);
		bool ended = read_to_end(fd, &response);
		if ((!ended && !may_be_reset) || strcmp(response.data, row->expected) != 0)
			fail_msg("%s, %zu at a time:\n%s%s", row->name, steps[s], response.data,
				 ended ? "" : "(reset)");
		close(fd);
		km_buffer_finish(&response);
	}
}

static void every_row_gets_its_response(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i], false);
	for (size_t i = 0; i < sizeof rows_behind_the_end / sizeof(struct row); i++)
		check_row(&rows_behind_the_end[i], true);
}

static void a_client_that_waits_gets_100_continue(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial(server.port);

	send_text(fd, POST("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n"));
	read_exactly(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	send_text(fd, "abc");
	assert_true(read_to_end(fd, &response));
	assert_string_equal(response.data, CLOSED("3") "abc");
	close(fd);
	km_buffer_finish(&response);
}

/* RFC 9110 section 10.1.1: no need to invite what is there. */
static void a_client_that_has_begun_does_not(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial(server.port);

	send_text(fd, POST("Expect: 100-continue\r\nContent-Length: 3\r\n"
			   "Connection: close\r\n") "abc");
	assert_true(read_to_end(fd, &response));
	assert_string_equal(response.data, CLOSED("3") "abc");
	close(fd);
	km_buffer_finish(&response);
}

/* The profiler prints in close: neither the response nor its end waits for that, nor, with handler
 * threads, the next request. */
static void the_response_is_sent_before_close(void **state)
{
	(void)state;
	int fd = dial(server.port);
	int calls = atomic_load(&server.seen->calls), closes = atomic_load(&server.seen->closes);
	char bytes[1024] = {0};
	size_t have = 0;

	atomic_store(&server.seen->release, 0);
	send_text(fd, GET("/hello") GET("/slowclose") LAST("/hello"));
	while (!strstr(bytes, "hello") || !strstr(strstr(bytes, "hello") + 1, "hello")) {
		ssize_t got = recv(fd, bytes + have, sizeof bytes - 1 - have, 0);
		assert_true(got > 0);
		have += (size_t)got;
	}
	if (server_defaults.threads) {
		wait_beyond(&server.seen->closes, closes);
		wait_until(&server.seen->calls, calls + 3);
	} else {
		wait_until(&server.seen->closes, closes + 1);
		assert_int_equal(atomic_load(&server.seen->calls), calls + 2);
	}
	atomic_store(&server.seen->release, 1);
	km_buffer response = {0};
	km_buffer_text(&response, strstr(strstr(bytes, "hello") + 1, "hello") + 5);
	assert_true(read_to_end(fd, &response));
	assert_string_equal(response.data, CLOSED("5") "hello");
	close(fd);
	km_buffer_finish(&response);
}

/* A slow reader stops the iterator but no other client, and its end closes the body. */
static void an_endless_body_is_pulled_only_as_it_drains(void **state)
{
	(void)state;
	km_buffer response = {0};
	int slow = dial(server.port), closes = atomic_load(&server.seen->closes);
	int pulls, before = atomic_load(&server.seen->pulls);

	send_text(slow, GET("/endless"));
	read_exactly(slow, "HTTP/1.1 200 OK\r\n");
	pulls = server_settled(&server, &server.seen->pulls);
	assert_true(pulls > before && pulls < before + 1000); /* 64 MB would fill no socket */

	int other = dial(server.port);
	send_text(other, LAST("/hello"));
	assert_true(read_to_end(other, &response));
	assert_string_equal(response.data, CLOSED("5") "hello");
	close(other);
	assert_int_equal(atomic_load(&server.seen->closes), closes);
	close(slow);
	wait_until(&server.seen->closes, closes + 1);
	km_buffer_finish(&response);
}

/* A body with slow chunks has the loop for one of them at a time. */
static void other_clients_are_served_between_slow_chunks(void **state)
{
	(void)state;
	km_buffer response = {0};
	int slow = dial(server.port), other = dial(server.port);

	atomic_store(&server.seen->allowed, 1);
	send_text(slow, LAST("/steps"));
	read_exactly(slow, "HTTP/1.1 200 OK\r\n");
	send_text(other, LAST("/hello")); /* while the second chunk is waited for */
	wait_until_delivered(other);
	usleep(TURN_US);
	atomic_store(&server.seen->allowed, 2); /* the fourth is not there yet */
	assert_true(read_to_end(other, &response));
	assert_string_equal(response.data, CLOSED("5") "hello");
	atomic_fetch_add(&server.seen->allowed, 1);
	km_buffer_clear(&response);
	assert_true(read_to_end(slow, &response));
	assert_non_null(strstr(response.data, "ten\r\n0\r\n\r\n"));
	close(other);
	close(slow);
	km_buffer_finish(&response);
}

static void long_chunks_arrive_whole(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial_narrow(server.port), pulls = atomic_load(&server.seen->pulls);

	send_text(fd, GET("/blocks") LAST("/hello"));
	wait_beyond(&server.seen->pulls, pulls);
	server_settled(&server, &server.seen->pulls);
	assert_true(read_to_end(fd, &response));
	const char *at = strstr(response.data, "\r\n\r\n") + 4;
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(at, "10000\r\n", 7);
		assert_int_equal(strspn(at + 7, "b"), 65536);
		at += 7 + 65536;
		assert_memory_equal(at, "\r\n", 2);
		at += 2;
	}
	assert_string_equal(at, "5\r\nbbbbb\r\n0\r\n\r\n" CLOSED("5") "hello");
	close(fd);
	km_buffer_finish(&response);
}

/* Without length and chunks a response that is cut must not look complete. */
static void a_response_cut_on_1_0_is_a_reset(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial(server.port);

	send_text(fd, "GET /breaks HTTP/1.0\r\n\r\n");
	assert_false(read_to_end(fd, &response));
	close(fd);
	km_buffer_finish(&response);
}

/* RFC 9112 section 9.6: what it still sends must not turn the end of its response into a reset. */
static void a_client_that_pipelines_sees_the_end(void **state)
{
	(void)state;
	km_buffer response = {0};
	int fd = dial(server.port), calls = atomic_load(&server.seen->calls);
	int closes = atomic_load(&server.seen->closes);

	atomic_store(&server.seen->allowed, 0);
	send_text(fd, GET("/bye-steps"));
	wait_until(&server.seen->calls, calls + 1);
	send_text(fd, GET("/hello"));
	atomic_store(&server.seen->allowed, 4);
	wait_until(&server.seen->closes, closes + 1);
	server_settled(&server, &server.seen->closes);
	assert_true(read_to_end(fd, &response));
	assert_non_null(strstr(response.data, "ten\r\n0\r\n\r\n"));
	close(fd);
	km_buffer_finish(&response);
}

/* Megabytes of responses to a client that reads none at first: the server stops reading. */
static void a_flood_of_pipelined_requests_comes_back_in_order(void **state)
{
	(void)state;
	enum { REQUESTS = 20000 };
	km_buffer response = {0}, sent = {0};
	int fd = dial(server.port), before = atomic_load(&server.seen->calls);

	for (int i = 0; i < REQUESTS; i++)
		km_buffer_printf(&sent, POST("Content-Length: 900\r\n") "%0900d", i);
	pid_t writer = fork();
	if (writer == 0) {
		send_bytes(fd, sent.data, sent.len, SIZE_MAX / 2);
		shutdown(fd, SHUT_WR);
		_exit(0);
	}
	wait_beyond(&server.seen->calls, before);
	assert_true(server_settled(&server, &server.seen->calls) < before + REQUESTS);
	ssize_t got;
	do {
		char *at = km_buffer_reserve(&response, 65536);
		got = recv(fd, at, 65536, 0);
		response.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_int_equal(got, 0);
	km_buffer_append(&response, "", 0);
	const char *at = response.data;
	for (int i = 0; i < REQUESTS; i++) {
		char content[1000];
		snprintf(content, sizeof content, "\r\n\r\n%0900d", i);
		/* A window, since looking through all that is left is what takes time. */
		size_t left = (size_t)(response.data + response.len - at);
		at = memmem(at, left < 1200 ? left : 1200, "\r\n\r\n", 4);
		assert_non_null(at);
		assert_memory_equal(at, content, 904);
		at += 904;
	}
	assert_string_equal(at, "");
	waitpid(writer, NULL, 0);
	close(fd);
	km_buffer_finish(&response);
	km_buffer_finish(&sent);
}

static int start(void **state)
{
	(void)state;
	server = server_start(&server_defaults);
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
		cmocka_unit_test(every_row_gets_its_response),
		cmocka_unit_test(a_client_that_waits_gets_100_continue),
		cmocka_unit_test(a_client_that_has_begun_does_not),
		cmocka_unit_test(the_response_is_sent_before_close),
		cmocka_unit_test(an_endless_body_is_pulled_only_as_it_drains),
		cmocka_unit_test(other_clients_are_served_between_slow_chunks),
		cmocka_unit_test(long_chunks_arrive_whole),
		cmocka_unit_test(a_response_cut_on_1_0_is_a_reset),
		cmocka_unit_test(a_client_that_pipelines_sees_the_end),
		cmocka_unit_test(a_flood_of_pipelined_requests_comes_back_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/exchanges", tests, start, stop);
}
