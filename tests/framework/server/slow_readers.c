/* Clients that do not take their responses: what they may cost, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "tests/framework/server/server_app.h"

/* A few bytes again and again, as slow read attacks do: never long without progress. */
static void a_slow_reader_is_reset_at_its_timeout(void **state)
{
	(void)state;
	km_server_options options = server_defaults;
	char bytes[100];
	ssize_t got;

	options.write_timeout = 1;
	struct server server = server_start(&options);
	int fd = dial_narrow(server.port), other = dial(server.port);
	km_buffer response = {0};

	send_text(fd, GET("/endless"));
	do {
		usleep(20000);
		got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
	} while (got > 0 || (got < 0 && errno == EAGAIN));
	assert_int_equal(got, -1); /* an end would be 0 */
	assert_int_equal(errno, ECONNRESET);
	wait_until(&server.seen->closes, 1);
	send_text(other, LAST("/hello"));
	assert_true(read_to_end(other, &response));
	assert_string_equal(response.data, CLOSED("5") "hello");
	close(fd);
	close(other);
	km_buffer_finish(&response);
	assert_int_equal(server_stop(&server, SIGTERM), 0);
}

static void a_reader_that_takes_enough_is_not_reset(void **state)
{
	(void)state;
	km_server_options options = server_defaults;

	options.write_timeout = 2;
	struct server server = server_start(&options);
	int fd = dial_narrow(server.port);

	send_text(fd, GET("/endless"));
	for (int i = 0; i < 50; i++) { /* about 5 s */
		read_count(fd, NULL, 65536);
		usleep(100000);
	}
	assert_int_equal(atomic_load(&server.seen->closes), 0);
	hang_up(fd, true);
	wait_until(&server.seen->closes, 1);
	assert_int_equal(server_stop(&server, SIGTERM), 0);
}

/* It could go on for ever: the client takes all it gets. */
static void a_stop_closes_what_does_not_end(void **state)
{
	(void)state;
	km_server_options options = server_defaults;

	options.graceful_timeout = 1;
	struct server server = server_start(&options);
	int fd = dial(server.port);
	char bytes[65536];

	send_text(fd, GET("/endless"));
	read_exactly(fd, "HTTP/1.1 200 OK\r\n");
	pid_t reader = fork();
	if (reader == 0) {
		while (recv(fd, bytes, sizeof bytes, 0) > 0)
			;
		_exit(0);
	}
	close(fd);
	assert_int_equal(server_stop(&server, SIGTERM), 0);
	waitpid(reader, NULL, 0);
}

static long peak_memory(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof line, status) && sscanf(line, "VmHWM: %ld", &kib) != 1)
		;
	fclose(status);
	return kib;
}

/* KiB that the server takes for clients that ask for tens of megabytes each and read none. */
static long memory_for_floods(size_t max_output)
{
	enum { CLIENTS = 4, REQUESTS = 8000 };
	km_server_options options = server_defaults;
	km_buffer sent = {0};
	int fds[CLIENTS];

	options.max_output = max_output;
	struct server server = server_start(&options);
	long before = peak_memory(server.pid);
	for (int i = 0; i < REQUESTS; i++)
		km_buffer_text(&sent, GET("/page"));
	for (int i = 0; i < CLIENTS; i++) {
		int calls = atomic_load(&server.seen->calls);
		fds[i] = dial_narrow(server.port);
		assert_true(send(fds[i], sent.data, sent.len, MSG_DONTWAIT) > 65536);
		wait_beyond(&server.seen->calls, calls);
		server_settled(&server, &server.seen->calls);
	}
	long after = peak_memory(server.pid);
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	km_buffer_finish(&sent);
	assert_int_equal(server_stop(&server, SIGTERM), 0);
	return after - before;
}

#ifdef __SANITIZE_THREAD__
enum { SHADOW = 4 }; /* bytes that ThreadSanitizer keeps for each */
#else
enum { SHADOW = 1 };
#endif

static void responses_that_no_client_takes_are_bounded(void **state)
{
	(void)state;
	long little = memory_for_floods(65536), much = memory_for_floods(64 << 20);

	print_message("# %ld KiB with 64 KiB, %ld KiB with 64 MiB\n", little, much);
	assert_true(little < 4096 * SHADOW);
	/* With handler threads each response is written by itself. */
	assert_true(server_defaults.threads || much > 4 * little);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_reader_is_reset_at_its_timeout),
		cmocka_unit_test(a_reader_that_takes_enough_is_not_reset),
		cmocka_unit_test(a_stop_closes_what_does_not_end),
		cmocka_unit_test(responses_that_no_client_takes_are_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/slow_readers", tests, NULL, NULL);
}
