/* ON_EVENT's command: its input, and commands that fail, hang or do not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/signal.h"
#include "framework/master/event_command.h"
#include "tests/bound.h"

static char folder[] = "/tmp/komori-event-XXXXXX";

/* Returns the text of a file in the folder. */
static const char *text_of(const char *name)
{
	static char text[70000];
	char path[64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

/* Returns what running the command logs. It runs in the folder. */
static const char *logged(const char *command, const char *json, int seconds)
{
	FILE *log = fopen("log", "w");
	int saved = dup(STDERR_FILENO);

	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	km_event_command_run(command, km_str_from(json), seconds);
	dup2(saved, STDERR_FILENO);
	close(saved);
	fclose(log);
	return text_of("log");
}

static void the_command_gets_the_event_and_a_newline(void **state)
{
	(void)state;
	assert_string_equal(logged("cat >got", "{\"a\": 1}", BOUND_SECONDS), "");
	assert_string_equal(text_of("got"), "{\"a\": 1}\n");
}

static void a_failure_is_logged(void **state)
{
	(void)state;
	assert_string_equal(logged("exit 5", "{}", BOUND_SECONDS),
			    "komori: ON_EVENT: exit 5 exited with status 5\n");
	assert_string_equal(logged("kill -TERM $$", "{}", BOUND_SECONDS),
			    "komori: ON_EVENT: kill -TERM $$ was killed by signal 15\n");
}

static void a_command_that_does_not_read_causes_no_delay(void **state)
{
	static char large[60000];

	(void)state;
	memset(large, 'x', sizeof large - 1);
	assert_string_equal(logged("true", large, BOUND_SECONDS), "");
	assert_string_equal(logged("exec <&-; exit 3", large, BOUND_SECONDS),
			    "komori: ON_EVENT: exec <&-; exit 3 exited with status 3\n");
	assert_string_equal(logged("cat >got", large, BOUND_SECONDS), "");
	assert_int_equal(strlen(text_of("got")), sizeof large);
}

static void a_command_that_hangs_is_killed_with_its_children(void **state)
{
	static const char command[] = "sleep 600 >/dev/null 2>&1 & echo $! >child; wait";
	char expected[256];
	pid_t child = 0;

	(void)state;
	/* On a busy machine the command may have begun nothing after a second. */
	for (int seconds = 1; child == 0 && seconds < BOUND_SECONDS; seconds *= 2) {
		snprintf(expected, sizeof expected,
			 "komori: ON_EVENT: %s took longer than %d s and is killed\n", command,
			 seconds);
		assert_string_equal(logged(command, "{}", seconds), expected);
		child = (pid_t)strtol(text_of("child"), NULL, 10);
	}
	assert_true(child > 0);
	/* Its new parent may not have waited for it yet. */
	char path[64], letter = 'Z';
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)child);
	for (int looks = 0; looks < BOUND_SECONDS * 100 && kill(child, 0) == 0; looks++) {
		FILE *file = fopen(path, "r");
		if (file && fscanf(file, "%*d (sleep) %c", &letter) != 1)
			letter = 'Z';
		if (file)
			fclose(file);
		if (letter == 'Z')
			return;
		usleep(10000);
	}
	assert_int_equal(kill(child, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static int set_up(void **state)
{
	(void)state;
	km_signal_ignore(SIGPIPE); /* as km_main does */
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink("log");
	unlink("got");
	unlink("child");
	return chdir("/") || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_gets_the_event_and_a_newline),
		cmocka_unit_test(a_failure_is_logged),
		cmocka_unit_test(a_command_that_does_not_read_causes_no_delay),
		cmocka_unit_test(a_command_that_hangs_is_killed_with_its_children),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/master/event_command", tests, set_up,
					   tear_down);
}
