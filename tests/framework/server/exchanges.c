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

#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define REFUSED(status, length, reason)                                                            \
	"HTTP/1.1 " status " " reason "\r\n" TEXT "Content-Length: " length                        \
	"\r\nConnection: close\r\n\r\n" status " " reason "\n"
#define FAILED                                                                                     \
	"HTTP/1.1 500 Internal Server Error\r\n" TEXT                                              \
	"Content-Length: 26\r\n\r\n500 Internal Server Error\n"
#define CHUNKS	     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define POST(fields) "POST /echo HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define TEN	     "0123456789"
#define FIFTY	     TEN TEN TEN TEN TEN
#define LONG	     FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

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
	{"a failure in the middle cuts the answer", GET("/breaks") GET("/hello"),
	 CHUNKS "5\r\nhello\r\n"},
	{"a body too short cuts the answer", GET("/short") GET("/hello"), OK("9") "hello"},
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
	{"nothing sent, nothing answered", "", ""},
	{"half a head is not answered", "GET /hello HTTP/1.1\r\nHost: a", ""},
	{"half a body is not answered", POST("Content-Length: 3\r\n") "ab", ""},
	{"400", "GET /hello HTTP/1.1\r\n\r\n" GET("/hello"), REFUSED("400", "16", "Bad Request")},
	{"400 behind good answers", GET("/hello") "x\n",
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

/* A client that announces its end and then sends more may see a reset behind the answer. */
static const struct row rows_behind_the_end[] = {
	{"close ends the connection", LAST("/hello") GET("/hello"), CLOSED("5") "hello"},
	{"1.0 closes", "GET /hello HTTP/1.0\r\n\r\n" GET("/hello"), CLOSED("5") "hello"},
};

static void check_row(const struct row *row, bool may_be_reset)
{
	const size_t steps[] = {SIZE_MAX / 2, 1, 3};

	for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
		km_buffer answer = {0};
		int fd = dial(server.port);
		send_bytes(fd, row->sent, strlen(row->sent), steps[s]);
		shutdown(fd, SHUT_WR);
		bool ended = read_to_end(fd, &answer);
		if ((!ended && !may_be_reset) || strcmp(answer.data, row->expected) != 0)
			fail_msg("%s, %zu at a time:\n%s%s", row->name, steps[s], answer.data,
				 ended ? "" : "(reset)");
		close(fd);
		km_buffer_finish(&answer);
	}
}

static void every_row_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i], false);
	for (size_t i = 0; i < sizeof rows_behind_the_end / sizeof(struct row); i++)
		check_row(&rows_behind_the_end[i], true);
}

static void a_waiting_client_is_told_to_continue(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int fd = dial(server.port);

	send_text(fd, POST("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n"));
	read_exactly(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	send_text(fd, "abc");
	assert_true(read_to_end(fd, &answer));
	assert_string_equal(answer.data, CLOSED("3") "abc");
	close(fd);
	km_buffer_finish(&answer);
}

/* RFC 9110 section 10.1.1: no need to invite what is there. */
static void a_client_that_has_begun_is_not(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int fd = dial(server.port);

	send_text(fd, POST("Expect: 100-continue\r\nContent-Length: 3\r\n"
			   "Connection: close\r\n") "abc");
	assert_true(read_to_end(fd, &answer));
	assert_string_equal(answer.data, CLOSED("3") "abc");
	close(fd);
	km_buffer_finish(&answer);
}

/* The profiler prints in close: neither the answer nor its end may wait for that. With handler
 * threads the next request does not either. */
static void the_answer_is_on_its_way_before_close(void **state)
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
	km_buffer answer = {0};
	km_buffer_text(&answer, strstr(strstr(bytes, "hello") + 1, "hello") + 5);
	assert_true(read_to_end(fd, &answer));
	assert_string_equal(answer.data, CLOSED("5") "hello");
	close(fd);
	km_buffer_finish(&answer);
}

/* A slow reader stops the iterator, does not stop others, and its end closes the body. */
static void an_endless_body_is_pulled_only_as_it_drains(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int slow = dial(server.port), closes = atomic_load(&server.seen->closes);
	int pulls, before = atomic_load(&server.seen->pulls);

	send_text(slow, GET("/endless"));
	read_exactly(slow, "HTTP/1.1 200 OK\r\n");
	pulls = server_settled(&server, &server.seen->pulls);
	assert_true(pulls > before && pulls < before + 1000); /* 64 MB would fill no socket */

	int other = dial(server.port);
	send_text(other, LAST("/hello"));
	assert_true(read_to_end(other, &answer));
	assert_string_equal(answer.data, CLOSED("5") "hello");
	close(other);
	assert_int_equal(atomic_load(&server.seen->closes), closes);
	close(slow);
	wait_until(&server.seen->closes, closes + 1);
	km_buffer_finish(&answer);
}

/* A body that takes its time over each chunk has the loop for one of them at a time. */
static void others_are_served_between_slow_chunks(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int slow = dial(server.port), other = dial(server.port);

	atomic_store(&server.seen->allowed, 1);
	send_text(slow, LAST("/steps"));
	read_exactly(slow, "HTTP/1.1 200 OK\r\n");
	send_text(other, LAST("/hello")); /* while the second chunk is waited for */
	wait_until_delivered(other);
	usleep(TURN_US);
	atomic_store(&server.seen->allowed, 2); /* the fourth is not there yet */
	assert_true(read_to_end(other, &answer));
	assert_string_equal(answer.data, CLOSED("5") "hello");
	atomic_fetch_add(&server.seen->allowed, 1);
	km_buffer_clear(&answer);
	assert_true(read_to_end(slow, &answer));
	assert_non_null(strstr(answer.data, "ten\r\n0\r\n\r\n"));
	close(other);
	close(slow);
	km_buffer_finish(&answer);
}

static void long_chunks_arrive_whole(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int fd = dial_narrow(server.port), pulls = atomic_load(&server.seen->pulls);

	send_text(fd, GET("/blocks") LAST("/hello"));
	wait_beyond(&server.seen->pulls, pulls);
	server_settled(&server, &server.seen->pulls);
	assert_true(read_to_end(fd, &answer));
	const char *at = strstr(answer.data, "\r\n\r\n") + 4;
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(at, "10000\r\n", 7);
		assert_int_equal(strspn(at + 7, "b"), 65536);
		at += 7 + 65536;
		assert_memory_equal(at, "\r\n", 2);
		at += 2;
	}
	assert_string_equal(at, "5\r\nbbbbb\r\n0\r\n\r\n" CLOSED("5") "hello");
	close(fd);
	km_buffer_finish(&answer);
}

/* Without length and chunks a cut answer must not look complete. */
static void a_cut_answer_on_1_0_is_a_reset(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int fd = dial(server.port);

	send_text(fd, "GET /breaks HTTP/1.0\r\n\r\n");
	assert_false(read_to_end(fd, &answer));
	close(fd);
	km_buffer_finish(&answer);
}

/* RFC 9112 section 9.6: what it still sends must not turn the end of its answer into a reset. */
static void a_client_that_pipelines_sees_the_end(void **state)
{
	(void)state;
	km_buffer answer = {0};
	int fd = dial(server.port), calls = atomic_load(&server.seen->calls);
	int closes = atomic_load(&server.seen->closes);

	atomic_store(&server.seen->allowed, 0);
	send_text(fd, GET("/bye-steps"));
	wait_until(&server.seen->calls, calls + 1);
	send_text(fd, GET("/hello"));
	atomic_store(&server.seen->allowed, 4);
	wait_until(&server.seen->closes, closes + 1);
	server_settled(&server, &server.seen->closes);
	assert_true(read_to_end(fd, &answer));
	assert_non_null(strstr(answer.data, "ten\r\n0\r\n\r\n"));
	close(fd);
	km_buffer_finish(&answer);
}

/* Megabytes of answers to one who reads none of them at first: the server stops reading. */
static void a_flood_of_pipelined_requests_comes_back_in_order(void **state)
{
	(void)state;
	enum { REQUESTS = 20000 };
	km_buffer answer = {0}, sent = {0};
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
		char *at = km_buffer_reserve(&answer, 65536);
		got = recv(fd, at, 65536, 0);
		answer.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_int_equal(got, 0);
	km_buffer_append(&answer, "", 0);
	const char *at = answer.data;
	for (int i = 0; i < REQUESTS; i++) {
		char content[1000];
		snprintf(content, sizeof content, "\r\n\r\n%0900d", i);
		/* A window, since looking through all that is left is what takes time. */
		size_t left = (size_t)(answer.data + answer.len - at);
		at = memmem(at, left < 1200 ? left : 1200, "\r\n\r\n", 4);
		assert_non_null(at);
		assert_memory_equal(at, content, 904);
		at += 904;
	}
	assert_string_equal(at, "");
	waitpid(writer, NULL, 0);
	close(fd);
	km_buffer_finish(&answer);
	km_buffer_finish(&sent);
}

static void the_deadlines_of_head_body_and_idling_hold(void **state)
{
	(void)state;
	km_server_options options = server_defaults;
	const struct {
		const char *sent, *expected;
	} cases[] = {
		{"", ""},
		{"GET /", REFUSED("408", "20", "Request Timeout")},
		{POST("Content-Length: 3\r\n") "a", REFUSED("408", "20", "Request Timeout")},
		{"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na",
		 "HTTP/1.1 408 Request Timeout\r\n" TEXT
		 "Content-Length: 20\r\nConnection: close\r\n\r\n"},
		{GET("/hello"), OK("5") "hello"},
		{GET("/hello") "GET", OK("5") "hello" REFUSED("408", "20", "Request Timeout")},
	};
	int fds[sizeof cases / sizeof *cases];

	options.header_timeout = options.body_timeout = options.idle_timeout = 1;
	options.write_timeout = 1;
	struct server quick = server_start(&options);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fds[i] = dial(quick.port);
		send_text(fds[i], cases[i].sent);
	}
	int slow = dial(quick.port); /* reads nothing */
	send_text(slow, GET("/endless"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		km_buffer answer = {0};
		assert_true(read_to_end(fds[i], &answer));
		assert_string_equal(answer.data, cases[i].expected);
		km_buffer_finish(&answer);
		close(fds[i]);
	}
	wait_until(&quick.seen->closes, 1);
	close(slow);
	assert_int_equal(server_stop(&quick, SIGTERM), 0);
}

/* More clients than libevent reports at a time, and all their timeouts pass. */
static void what_comes_while_a_handler_has_the_loop_is_in_time(void **state)
{
	(void)state;
	enum { KINDS = 3, CLIENTS = KINDS * 40 };
	static const char *const sent[KINDS][2] = {
		{"", LAST("/hello")},
		{"GET /hello HTTP/1.1\r\n", "Host: a\r\nConnection: close\r\n\r\n"},
		{POST("Content-Length: 5\r\nConnection: close\r\n") "he", "llo"},
	};
	km_server_options options = server_defaults;
	int fds[CLIENTS];

	options.header_timeout = options.body_timeout = options.idle_timeout = 3;
	struct server busy = server_start(&options);
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = dial(busy.port);
		send_text(fds[i], sent[i % KINDS][0]);
		usleep(1000); /* the server reads most of them one by one */
	}
	int steps = dial(busy.port);
	send_text(steps, LAST("/steps"));
	wait_until(&busy.seen->pulls, 1);
	for (int i = 0; i < CLIENTS; i++)
		send_text(fds[i], sent[i % KINDS][1]);
	sleep(4);
	atomic_store(&busy.seen->allowed, 4);
	for (int i = 0; i < CLIENTS; i++) {
		km_buffer answer = {0};
		if (!read_to_end(fds[i], &answer) || strcmp(answer.data, CLOSED("5") "hello") != 0)
			fail_msg("client %d of kind %d: %s", i, i % KINDS, answer.data);
		km_buffer_finish(&answer);
		close(fds[i]);
	}
	close(steps);
	assert_int_equal(server_stop(&busy, SIGTERM), 0);
}

/* The server catches each of its signals once: it no longer does when one has come. */
static bool catches(pid_t pid, int number)
{
	char path[64], line[256];
	unsigned long caught = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof line, status) && sscanf(line, "SigCgt: %lx", &caught) != 1)
		;
	fclose(status);
	return caught >> (number - 1) & 1;
}

/* SIGTERM: the answer under way is finished, a waiting connection closed. */
static void a_stop_finishes_the_answers_under_way(void **state)
{
	(void)state;
	struct server stopped = server_start(&server_defaults);
	int busy = dial(stopped.port), idle = dial(stopped.port);
	km_buffer answer = {0};

	send_text(idle, GET("/hello"));
	read_exactly(idle, "HTTP/1.1 200 OK\r\n");
	send_text(busy, POST("Expect: 100-continue\r\nContent-Length: 3\r\n"));
	read_exactly(busy, "HTTP/1.1 100 Continue\r\n\r\n");
	kill(stopped.pid, SIGINT);
	assert_true(read_to_end(idle, &answer));
	km_buffer_clear(&answer);
	send_text(busy, "abc");
	assert_true(read_to_end(busy, &answer));
	assert_string_equal(answer.data, CLOSED("3") "abc");
	km_buffer_finish(&answer);
	close(busy);
	close(idle);
	assert_int_equal(server_stop(&stopped, 0), 0);
}

/* Patience runs out while a handler has the loop. */
static void who_has_asked_by_the_end_is_answered(void **state)
{
	(void)state;
	km_server_options options = server_defaults;
	km_buffer answer = {0};

	options.graceful_timeout = 2;
	struct server stopped = server_start(&options);
	int asks = dial(stopped.port), steps = dial(stopped.port);
	for (int i = 0; i < 2; i++) { /* neither has been inactive for long */
		send_text(i ? steps : asks, GET("/hello"));
		read_exactly(i ? steps : asks, "HTTP/1.1 200 OK\r\n");
	}
	kill(stopped.pid, SIGTERM);
	while (catches(stopped.pid, SIGTERM))
		usleep(1000);
	server_settled(&stopped, &stopped.seen->calls);
	send_text(steps, GET("/steps"));
	wait_until(&stopped.seen->pulls, 3);
	send_text(asks, GET("/hello"));
	sleep(2); /* GRACEFUL_TIMEOUT passes */
	atomic_store(&stopped.seen->allowed, 4);
	assert_true(read_to_end(asks, &answer));
	assert_non_null(strstr(answer.data, CLOSED("5") "hello"));
	km_buffer_finish(&answer);
	close(asks);
	close(steps);
	assert_int_equal(server_stop(&stopped, 0), 0);
}

static void a_second_interrupt_ends_at_once(void **state)
{
	(void)state;
	struct server stuck = server_start(&server_defaults);
	int fd = dial(stuck.port);

	send_text(fd, GET("/slowclose"));
	wait_until(&stuck.seen->closes, 1); /* a handler that does not return */
	kill(stuck.pid, SIGINT);
	while (catches(stuck.pid, SIGINT))
		usleep(1000);
	assert_int_equal(server_stop(&stuck, SIGINT), -SIGINT);
	close(fd);
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
		cmocka_unit_test(every_row_is_answered),
		cmocka_unit_test(a_waiting_client_is_told_to_continue),
		cmocka_unit_test(a_client_that_has_begun_is_not),
		cmocka_unit_test(the_answer_is_on_its_way_before_close),
		cmocka_unit_test(an_endless_body_is_pulled_only_as_it_drains),
		cmocka_unit_test(others_are_served_between_slow_chunks),
		cmocka_unit_test(long_chunks_arrive_whole),
		cmocka_unit_test(a_cut_answer_on_1_0_is_a_reset),
		cmocka_unit_test(a_client_that_pipelines_sees_the_end),
		cmocka_unit_test(a_flood_of_pipelined_requests_comes_back_in_order),
		cmocka_unit_test(the_deadlines_of_head_body_and_idling_hold),
		cmocka_unit_test(what_comes_while_a_handler_has_the_loop_is_in_time),
		cmocka_unit_test(a_stop_finishes_the_answers_under_way),
		cmocka_unit_test(who_has_asked_by_the_end_is_answered),
		cmocka_unit_test(a_second_interrupt_ends_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/exchanges", tests, start, stop);
}
