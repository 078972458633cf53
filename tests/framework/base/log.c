/* Log messages: one write for each, without raw control bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framework/base/log.h"

/* Returns what one call of km_log writes to standard error with one write. */
static const char *logged(const char *text)
{
	static char line[16384];
	int ends[2], saved = dup(STDERR_FILENO);

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	km_log("%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	ssize_t got = recv(ends[0], line, sizeof line - 1, MSG_DONTWAIT);
	assert_true(got > 0);
	line[got] = '\0';
	assert_int_equal(recv(ends[0], line + got, 1, MSG_DONTWAIT), -1);
	close(ends[0]);
	close(ends[1]);
	return line;
}

static void control_bytes_are_escaped(void **state)
{
	(void)state;
	assert_string_equal(logged("plain"), "komori: plain\n");
	assert_string_equal(logged("a\x1b[2J\nb\r\t\x7f"),
			    "komori: a\\x1b[2J\\x0ab\\x0d\\x09\\x7f\n");
	assert_string_equal(logged("caf\xc3\xa9"), "komori: caf\xc3\xa9\n");
}

static void long_messages_are_cut(void **state)
{
	(void)state;
	char text[5000];

	memset(text, '\x01', sizeof text);
	text[sizeof text - 1] = '\0';
	const char *line = logged(text);
	assert_int_equal(strlen(line), strlen("komori: ") + 2047 * 4 + 1);
	assert_string_equal(line + strlen(line) - 5, "\\x01\n");
}

static void a_repeated_message_is_due_once_a_second(void **state)
{
	(void)state;
	int64_t last = 0;

	assert_true(km_log_is_due(&last));
	last += 3600000000000; /* an hour: more than passes here */
	assert_false(km_log_is_due(&last));
	last -= 3601000000000;
	assert_true(km_log_is_due(&last));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_bytes_are_escaped),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(a_repeated_message_is_due_once_a_second),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/base/log", tests, NULL, NULL);
}
