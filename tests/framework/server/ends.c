/* The ends that a server gives to connections: timeouts and stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "tests/bound.h"
#include "tests/framework/server/client.h"
#include "tests/framework/server/server_app.h"

static void the_timeouts_of_head_body_and_idling_hold(void **state)
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
		km_buffer response = {0};
		assert_true(read_to_end(fds[i], &response));
		assert_string_equal(response.data, cases[i].expected);
		km_buffer_finish(&response);
		close(fds[i]);
	}
	wait_until(&quick.seen->closes, 1);
	close(slow);
	assert_int_equal(server_stop(&quick, SIGTERM), 0);
}

/* More clients than libevent reports at a time, and all their timeouts pass. */
static void bytes_that_come_while_a_handler_has_the_loop_are_in_time(void **state)
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
		km_buffer response = {0};
		if (!read_to_end(fds[i], &response) ||
		    strcmp(response.data, CLOSED("5") "hello") != 0)
			fail_msg("client %d of kind %d: %s", i, i % KINDS, response.data);
		km_buffer_finish(&response);
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

/* A stop finishes the response under way and closes a connection that waits. */
static void a_stop_finishes_responses_under_way(void **state)
{
	(void)state;
	struct server stopped = server_start(&server_defaults);
	int busy = dial(stopped.port), idle = dial(stopped.port);
	km_buffer response = {0};

	send_text(idle, GET("/hello"));
	read_exactly(idle, "HTTP/1.1 200 OK\r\n");
	send_text(busy, POST("Expect: 100-continue\r\nContent-Length: 3\r\n"));
	read_exactly(busy, "HTTP/1.1 100 Continue\r\n\r\n");
	kill(stopped.pid, SIGINT);
	assert_true(read_to_end(idle, &response));
	km_buffer_clear(&response);
	send_text(busy, "abc");
	assert_true(read_to_end(busy, &response));
	assert_string_equal(response.data, CLOSED("3") "abc");
	km_buffer_finish(&response);
	close(busy);
	close(idle);
	assert_int_equal(server_stop(&stopped, 0), 0);
}

static bool is_in_time(int64_t begun_ns)
{
	return km_clock_monotonic_ns() - begun_ns < KM_SECOND_NS;
}

/* GRACEFUL_TIMEOUT ends while a handler has the loop. Returns false when this process was too slow:
 * a server closes clients that were inactive for a second. */
static bool asks_before_the_end(km_buffer *response)
{
	km_server_options options = server_defaults;

	options.graceful_timeout = 2;
	struct server stopped = server_start(&options);
	int asks = dial(stopped.port), steps = dial(stopped.port);
	int64_t begun_ns = km_clock_monotonic_ns();
	for (int i = 0; i < 2; i++) {
		send_text(i ? steps : asks, GET("/hello"));
		read_exactly(i ? steps : asks, "HTTP/1.1 200 OK\r\n");
	}
	kill(stopped.pid, SIGTERM);
	while (catches(stopped.pid, SIGTERM))
		usleep(1000);
	server_settled(&stopped, &stopped.seen->calls);
	send_text(steps, GET("/steps"));
	bool in_time = is_in_time(begun_ns);
	if (in_time) {
		wait_until(&stopped.seen->pulls, 3);
		send_text(asks, GET("/hello"));
		in_time = is_in_time(begun_ns);
	}
	if (in_time)
		sleep(2); /* GRACEFUL_TIMEOUT passes */
	atomic_store(&stopped.seen->allowed, 4);
	bool ended = read_to_end(asks, response);
	close(asks);
	close(steps);
	int status = server_stop(&stopped, in_time ? 0 : SIGKILL);
	assert_true(!in_time || (ended && status == 0));
	return in_time;
}

static void a_request_sent_before_the_end_is_served(void **state)
{
	(void)state;
	km_buffer response = {0};

	for (int tries = 0; !asks_before_the_end(&response) && tries < BOUND_SECONDS; tries++)
		km_buffer_clear(&response);
	assert_non_null(strstr(response.data, CLOSED("5") "hello"));
	km_buffer_finish(&response);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_timeouts_of_head_body_and_idling_hold),
		cmocka_unit_test(bytes_that_come_while_a_handler_has_the_loop_are_in_time),
		cmocka_unit_test(a_stop_finishes_responses_under_way),
		cmocka_unit_test(a_request_sent_before_the_end_is_served),
		cmocka_unit_test(a_second_interrupt_ends_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/ends", tests, NULL, NULL);
}
