/* The access log's lines, each as the one write that it must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <regex.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "framework/server/loop/access_log.h"

static km_header fields[] = {
	{KM_STR("REFERER"), KM_STR("http://a/\"b\\")},
	{KM_STR("User-Agent"), KM_STR("bat\x1b[31m\xc3\xa9\t")},
};

static const km_http_request request = {
	.method = KM_STR("GET"),
	.target = KM_STR("/a?b\"c"),
	.minor = 1,
	.headers = fields,
	.header_count = 2,
};

/* A log whose writes come out of `reader` one by one. */
static int open_log(km_access_log *log, const char *format)
{
	int ends[2];

	assert_int_equal(km_access_log_open(log, "/dev/null", format), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	dup2(ends[1], log->fd);
	close(ends[1]);
	return ends[0];
}

/* The next write, with T for the time, which is checked. */
static const char *next_line(int reader)
{
	static char line[4096];
	ssize_t got = recv(reader, line, sizeof line - 1, MSG_DONTWAIT);
	regmatch_t at[1];
	regex_t time_format;

	assert_true(got > 0);
	line[got] = '\0';
	assert_int_equal(regcomp(&time_format,
				 "\\[[0-3][0-9]/[A-Z][a-z]{2}/2[0-9]{3}(:[0-5][0-9]){3} "
				 "[+-][0-9]{4}\\]",
				 REG_EXTENDED),
			 0);
	assert_int_equal(regexec(&time_format, line, 1, at, 0), 0);
	regfree(&time_format);
	line[at[0].rm_so] = 'T';
	memmove(line + at[0].rm_so + 1, line + at[0].rm_eo, strlen(line + at[0].rm_eo) + 1);
	return line;
}

static void combined_lines_are_escaped(void **state)
{
	(void)state;
	km_access_log log;
	int reader = open_log(&log, "combined");

	km_access_log_request(&log, KM_STR("127.0.0.1"), &request, 200, 1234);
	assert_string_equal(next_line(reader),
			    "127.0.0.1 - - T \"GET /a?b\\\"c HTTP/1.1\" 200 1234 "
			    "\"http://a/\\\"b\\\\\" \"bat\\x1b[31m\\xc3\\xa9\\x09\"\n");
	km_access_log_refused(&log, KM_STR("::1"), KM_STR("\x16\x03\n x"), 400, 12);
	assert_string_equal(next_line(reader),
			    "::1 - - T \"\\x16\\x03\\x0a x\" 400 12 \"-\" \"-\"\n");
	km_access_log_refused(&log, KM_STR(""), (km_str){NULL, 0}, 408, 0);
	assert_string_equal(next_line(reader), "- - - T \"-\" 408 - \"-\" \"-\"\n");
	km_access_log_close(&log);
	close(reader);
}

static void common_lines_end_with_the_bytes(void **state)
{
	(void)state;
	km_access_log log;
	int reader = open_log(&log, "common");
	km_http_request old = request;

	old.minor = 0;
	km_access_log_request(&log, KM_STR("127.0.0.1"), &old, 304, 0);
	assert_string_equal(next_line(reader),
			    "127.0.0.1 - - T \"GET /a?b\\\"c HTTP/1.0\" 304 -\n");
	km_access_log_refused(&log, KM_STR("127.0.0.1"), KM_STR("x"), 400, 12);
	assert_string_equal(next_line(reader), "127.0.0.1 - - T \"x\" 400 12\n");
	km_access_log_close(&log);
	close(reader);
}

/* Zones west of Greenwich, with half hours, and the local date. */
static void the_time_is_local(void **state)
{
	(void)state;
	const char *zones[][2] = {
		{"NST3:30", "-0330]"}, {"IST-5:30", "+0530]"}, {"UTC0", "+0000]"}};

	for (size_t i = 0; i < 3; i++) {
		km_access_log log;
		setenv("TZ", zones[i][0], 1);
		tzset();
		int reader = open_log(&log, "common");
		km_access_log_refused(&log, KM_STR("a"), KM_STR("x"), 400, 12);
		assert_string_equal(strchr(log.time, ' ') + 1, zones[i][1]);
		km_access_log_close(&log);
		close(reader);
	}
	unsetenv("TZ");
	tzset();
}

static void a_file_is_appended_to_and_off_is_off(void **state)
{
	(void)state;
	km_access_log log;
	char path[] = "/tmp/komori-log-XXXXXX", bytes[512];
	int fd = mkstemp(path);

	assert_int_equal(write(fd, "old\n", 4), 4);
	assert_int_equal(km_access_log_open(&log, path, "common"), 0);
	assert_true(log.on);
	km_access_log_refused(&log, KM_STR("a"), KM_STR("x"), 400, 12);
	km_access_log_close(&log);
	assert_false(log.on);
	ssize_t got = pread(fd, bytes, sizeof bytes, 0);
	assert_true(got > 30);
	assert_memory_equal(bytes, "old\na - - [", 11);
	close(fd);
	unlink(path);
	assert_int_equal(km_access_log_open(&log, "off", "common"), 0);
	assert_false(log.on);
	assert_int_equal(km_access_log_open(&log, "/nowhere/x", "common"), KM_EIO);
	assert_false(log.on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(combined_lines_are_escaped),
		cmocka_unit_test(common_lines_end_with_the_bytes),
		cmocka_unit_test(the_time_is_local),
		cmocka_unit_test(a_file_is_appended_to_and_off_is_off),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/access_log", tests, NULL, NULL);
}
