#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "framework/app/app.h"

static km_app *app;
static char printed[8192]; /* by the last command_line or environment */

static int set_up(void **state)
{
	(void)state;
	app = km_app_new("bats");
	return app ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	km_app_free(app);
	return 0;
}

/* --- captured output --- */

static int saved_out, saved_err;
static FILE *capture;

static void capture_begin(void)
{
	fflush(stdout);
	capture = tmpfile();
	assert_non_null(capture);
	saved_out = dup(STDOUT_FILENO);
	saved_err = dup(STDERR_FILENO);
	dup2(fileno(capture), STDOUT_FILENO);
	dup2(fileno(capture), STDERR_FILENO);
}

static void capture_end(void)
{
	fflush(stdout);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	rewind(capture);
	printed[fread(printed, 1, sizeof printed - 1, capture)] = '\0';
	fclose(capture);
}

#define MOST 8

/* Arguments end with NULL. */
static int command_line(const char *first, ...)
{
	char *argv[MOST + 2] = {(char *)(uintptr_t) "bats"};
	int argc = 1;
	va_list args;

	va_start(args, first);
	for (const char *argument = first; argument && argc <= MOST;
	     argument = va_arg(args, char *))
		argv[argc++] = (char *)(uintptr_t)argument;
	va_end(args);
	capture_begin();
	int status = km_config_read_command_line(&app->config, app->name, argc, argv);
	capture_end();
	return status;
}

static int environment(const char *first, ...)
{
	char *entries[MOST + 1] = {NULL};
	int count = 0;
	va_list args;

	va_start(args, first);
	for (const char *entry = first; entry && count < MOST; entry = va_arg(args, char *))
		entries[count++] = (char *)(uintptr_t)entry;
	va_end(args);
	capture_begin();
	int bad = km_config_read_environment(&app->config, entries);
	capture_end();
	return bad;
}

/* --- tests --- */

static void assert_option(const char *name, const char *expected)
{
	assert_non_null(km_config_get(app, name));
	assert_string_equal(km_config_get(app, name), expected);
}

static void defaults_are_the_documented_ones(void **state)
{
	static const char *const expected[][2] = {
		{"HOST", "127.0.0.1"},
		{"PORT", "5000"},
		{"WORKERS", "1"},
		{"THREADS", "0"},
		{"TIMEOUT", "30"},
		{"MAX_REQUESTS", "0"},
		{"MAX_REQUESTS_JITTER", "0"},
		{"RELOAD", "0"},
		{"ON_EVENT", ""},
		{"PROFILE", "0"},
		{"PROFILE_SORT", "time,calls"},
		{"PROFILE_RESTRICTIONS", ""},
		{"PROFILE_DIR", ""},
		{"PROFILE_FILENAME", "{method}.{path}.{elapsed:.0f}ms.{time:.0f}.prof"},
		{"PROFILE_KEEP", "20"},
		{"PROFILE_SECRET", ""},
		{"PROFILE_STREAM", "stdout"},
		{"PROFILE_MEMORY", "256"},
		{"ACCESS_LOG", "off"},
		{"ACCESS_LOG_FORMAT", "combined"},
		{"MAX_BODY", "1048576"},
		{"BODY_MEMORY", "65536"},
		{"MAX_REQUEST_LINE", "8192"},
		{"MAX_HEADERS", "16384"},
		{"MAX_HEADER_COUNT", "100"},
		{"MAX_OUTPUT", "65536"},
		{"MAX_CONNECTIONS", "0"},
		{"HEADER_TIMEOUT", "10"},
		{"BODY_TIMEOUT", "30"},
		{"IDLE_TIMEOUT", "60"},
		{"WRITE_TIMEOUT", "30"},
		{"GRACEFUL_TIMEOUT", "30"},
	};

	(void)state;
	assert_int_equal(app->config.count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < app->config.count; i++) {
		assert_option(expected[i][0], expected[i][1]);
		/* and a default passes its own check */
		assert_int_equal(km_config_set(app, expected[i][0], expected[i][1]), 0);
	}
	assert_null(km_config_get(app, "NONE"));
	assert_null(km_config_get(app, "port"));
}

static void the_command_line_overrides_the_environment_and_that_code(void **state)
{
	(void)state;
	assert_int_equal(command_line("--port", "3", NULL), -1);
	assert_int_equal(environment("KOMORI_PORT=2", "KOMORI_HOST=::1", "KOMORI_MAX_BODY=7", NULL),
			 0);
	assert_string_equal(printed, "");
	assert_int_equal(km_config_set(app, "PORT", "1"), 0);
	assert_int_equal(km_config_set(app, "HOST", "::2"), 0);
	assert_int_equal(km_config_set(app, "IDLE_TIMEOUT", "5"), 0);
	assert_option("PORT", "3");
	assert_option("HOST", "::1");
	assert_option("MAX_BODY", "7");
	assert_option("IDLE_TIMEOUT", "5");
	assert_int_equal(km_config_number(&app->config, "PORT"), 3);
}

static void switches_have_many_spellings(void **state)
{
	static const char *const on[] = {"1", "true", "YES", "On"};
	static const char *const off[] = {"0", "false", "no", "OFF", ""};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(km_config_set(app, "PROFILE", on[i]), 0);
		assert_option("PROFILE", "1");
		assert_true(km_config_is_on(&app->config, "PROFILE"));
		assert_int_equal(km_config_set(app, "PROFILE", off[i % 5]), 0);
		assert_option("PROFILE", "0");
	}
	assert_int_equal(command_line("--profile", NULL), -1);
	assert_option("PROFILE", "1");
	assert_int_equal(command_line("--no-profile", NULL), -1);
	assert_option("PROFILE", "0");
	assert_int_equal(command_line("--profile=yes", NULL), -1);
	assert_option("PROFILE", "1");
}

static void profile_has_a_plain_name_in_the_environment(void **state)
{
	(void)state;
	assert_int_equal(environment("PROFILE=1", "PORT=x", NULL), 0);
	assert_option("PROFILE", "1");
	assert_option("PORT", "5000");
	assert_int_equal(environment("PROFILE=1", "KOMORI_PROFILE=0", NULL), 0);
	assert_option("PROFILE", "0");
	assert_int_equal(environment("PROFILE=dev", NULL), 1);
	assert_string_equal(printed,
			    "komori: PROFILE: \"dev\" from the environment (PROFILE): a switch "
			    "is 1, true, yes or on, or 0, false, no or off\n");
}

static void a_value_follows_an_option_or_an_equals_sign(void **state)
{
	(void)state;
	assert_int_equal(command_line("--port=1", "--host", "a", "--port", "2",
				      "--profile-filename={path}=x", "--profile-dir", "", NULL),
			 -1);
	assert_option("PORT", "2");
	assert_option("HOST", "a");
	assert_option("PROFILE_FILENAME", "{path}=x");
	assert_option("PROFILE_DIR", "");
}

static void a_bad_value_is_reported_with_its_source_and_what_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(environment("KOMORI_PORT=70000", "KOMORI_MAX_BODY=-1", NULL), 2);
	assert_string_equal(printed, "komori: PORT: \"70000\" from the environment (KOMORI_PORT): "
				     "a port is a number from "
				     "0 to 65535\n"
				     "komori: MAX_BODY: \"-1\" from the environment "
				     "(KOMORI_MAX_BODY): a size in bytes is a "
				     "number from 0 to 1099511627776\n");
	assert_int_equal(command_line("--header-timeout", "0", NULL), 2);
	assert_string_equal(printed, "komori: HEADER_TIMEOUT: \"0\" from the command line "
				     "(--header-timeout): a time in seconds is a number from 1 to "
				     "86400\n");
	assert_int_equal(km_config_set(app, "PORT", " 1"), KM_EINVAL);
	assert_string_equal(app->error_text,
			    "PORT: \" 1\" set in the program: a port is a number from "
			    "0 to 65535");
	assert_option("PORT", "5000");
}

static void profile_options_are_checked(void **state)
{
	static const char *const bad[][2] = {
		{"PROFILE_SORT", "speed"},
		{"PROFILE_RESTRICTIONS", "-5"},
		{"PROFILE_FILENAME", "{nope}"},
		{"PROFILE_FILENAME", "a/b"},
		{"PROFILE_FILENAME", ""},
		{"PROFILE_KEEP", "-1"},
		{"PROFILE_SECRET", "seven77"},
		{"PROFILE_SECRET", "with a blank"},
		{"PROFILE_SECRET", "semicolon;"},
		{"PROFILE_STREAM", ""},
		{"PROFILE_MEMORY", "0"},
		{"PROFILE_MEMORY", "1537"},
		{"PROFILE_MEMORY", "99999999999999999999"},
		{"PROFILE", "2"},
		{"HOST", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (km_config_set(app, bad[i][0], bad[i][1]) != KM_EINVAL)
			fail_msg("%s takes \"%s\"", bad[i][0], bad[i][1]);
	}
	assert_int_equal(km_config_set(app, "PROFILE_SORT", "cumtime,name"), 0);
	assert_int_equal(km_config_set(app, "PROFILE_RESTRICTIONS", "20,.5,hello"), 0);
	assert_int_equal(km_config_set(app, "PROFILE_STREAM", "/tmp/x"), 0);
}

static void an_unknown_name_is_reported_with_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(command_line("--prot", "1", NULL), 2);
	assert_string_equal(printed, "komori: unknown option --prot; did you mean --port?\n");
	assert_int_equal(command_line("--max_body", "1", NULL), 2);
	assert_string_equal(printed,
			    "komori: unknown option --max_body; did you mean --max-body?\n");
	assert_int_equal(command_line("--no-proflie", NULL), 2);
	assert_string_equal(printed,
			    "komori: unknown option --no-proflie; did you mean --no-profile?\n");
	assert_int_equal(command_line("--no-port", NULL), 2);
	assert_int_equal(command_line("--completely-different", NULL), 2);
	assert_string_equal(
		printed,
		"komori: unknown option --completely-different; --help lists the options\n");
	/* A warning only: other programs may use the prefix. */
	assert_int_equal(
		environment("KOMORI_PROT=1", "KOMORI_=1", "KOMORI=1", "KOMORI_PORT=9", NULL), 0);
	assert_string_equal(printed,
			    "komori: unknown option KOMORI_PROT in the environment; did you "
			    "mean KOMORI_PORT?\n"
			    "komori: unknown option KOMORI_ in the environment; --help lists "
			    "the options\n");
	assert_option("PORT", "9");
	/* Only PROFILE is read without the prefix. */
	assert_int_equal(environment("PROFILE_SORT=nonsense", "PROFILE_X=1", "PORT=1", NULL), 0);
	assert_string_equal(printed, "komori: PROFILE_SORT in the environment has no effect; "
				     "set KOMORI_PROFILE_SORT\n");
	assert_int_equal(environment("PORT=1", "TIMEOUT=2", "PROFILE=1", "OTHER=1", NULL), 0);
	assert_string_equal(
		printed, "komori: PORT in the environment has no effect; set KOMORI_PORT\n"
			 "komori: TIMEOUT in the environment has no effect; set KOMORI_TIMEOUT\n");
	assert_int_equal(km_config_set(app, "PROT", "1"), KM_ENOENT);
	assert_string_equal(app->error_text,
			    "unknown option PROT, set in the program; did you mean PORT?");
}

static void a_name_in_code_may_have_the_spelling_of_another_place(void **state)
{
	static const char *const names[][2] = {
		{"port", "PORT"},	  {"KOMORI_PORT", "PORT"},    {"komori_prot", "PORT"},
		{"max-body", "MAX_BODY"}, {"--max-body", "MAX_BODY"},
	};
	char expected[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		app->error = 0; /* the first is kept */
		assert_int_equal(km_config_set(app, names[i][0], "1"), KM_ENOENT);
		snprintf(expected, sizeof expected,
			 "unknown option %s, set in the program; did you mean %s?", names[i][0],
			 names[i][1]);
		assert_string_equal(app->error_text, expected);
	}
	assert_int_equal(environment("KOMORI_port=1", NULL), 0);
	assert_string_equal(printed,
			    "komori: unknown option KOMORI_port in the environment; did you "
			    "mean KOMORI_PORT?\n");
}

static void bad_usage_ends_with_2(void **state)
{
	(void)state;
	assert_int_equal(command_line("serve", NULL), 2);
	assert_string_equal(printed,
			    "komori: unexpected argument \"serve\"; --help lists the options\n");
	assert_int_equal(command_line("--", "serve", NULL), 2);
	assert_int_equal(command_line("--", NULL), -1);
	assert_int_equal(command_line("-p", NULL), 2);
	assert_int_equal(command_line("--port", NULL), 2);
	assert_string_equal(printed, "komori: --port needs a value\n");
	assert_int_equal(command_line("--no-profile=1", NULL), 2);
	assert_int_equal(command_line("--=1", NULL), 2);
	assert_int_equal(
		command_line("--"
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			     NULL),
		2);
}

/* Checks that the printed help has this default for the option. */
static void assert_help(const char *usage, const char *value)
{
	static const char before[] = "(default \"";
	const char *line = strstr(printed, usage);
	const char *found = line ? strstr(line, before) : NULL;

	assert_non_null(found);
	found += sizeof before - 1;
	assert_memory_equal(found, value, strlen(value));
	assert_memory_equal(found + strlen(value), "\")", 2);
}

static void help_and_version_end_with_0(void **state)
{
	(void)state;
	km_config_define(app, "SLEEP", "5", "how long to sleep");
	assert_int_equal(command_line("--help", "--prot", NULL), 0);
	assert_non_null(strstr(printed, "usage: bats [option]..."));
	assert_non_null(strstr(printed, "--profile, --no-profile"));
	assert_non_null(strstr(printed, "--port N"));
	assert_non_null(strstr(printed, "--sleep VALUE"));
	assert_non_null(strstr(printed, "how long to sleep"));
	/* Defaults are the program's, not the values of this start. */
	assert_int_equal(km_config_set(app, "HOST", "::1"), 0);
	assert_int_equal(environment("KOMORI_SLEEP=6", "KOMORI_HOST=a", NULL), 0);
	assert_int_equal(command_line("--port", "0", "--port=1", "--sleep", "7", "--help", NULL),
			 0);
	assert_help("--port N", "5000");
	assert_help("--sleep VALUE", "5");
	assert_help("--host VALUE", "::1");
	assert_int_equal(command_line("--version", NULL), 0);
	assert_string_equal(printed, "bats (Komori " KM_VERSION ")\n");
}

static void a_program_has_options_of_its_own(void **state)
{
	char name[] = "SLEEP", value[] = "5";

	(void)state;
	assert_int_equal(km_config_define(app, name, value, NULL), 0);
	name[0] = value[0] = 'X';
	assert_option("SLEEP", "5");
	assert_int_equal(environment("KOMORI_SLEEP=6", NULL), 0);
	assert_option("SLEEP", "6");
	assert_int_equal(command_line("--sleep=7", NULL), -1);
	assert_option("SLEEP", "7");
	assert_int_equal(km_config_define(app, "SLEEP", "1", ""), KM_EINVAL);
	assert_int_equal(km_config_define(app, "PORT", "1", ""), KM_EINVAL);
	static const char *const bad[] = {
		"",
		"sleep",
		"A-B",
		"_A",
		"1A",
		"HELP",
		"VERSION",
		"NO_X",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(km_config_define(app, bad[i], "", ""), KM_EINVAL);
	assert_int_equal(km_config_define(app, NULL, "", ""), KM_EINVAL);
}

static void the_first_error_is_kept(void **state)
{
	(void)state;
	km_config_set(app, "PORT", "x");
	km_config_set(app, "HOST", "");
	km_get(app, "bad", NULL);
	assert_int_equal(app->error, KM_EINVAL);
	assert_non_null(strstr(app->error_text, "PORT"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_are_the_documented_ones),
		TEST(the_command_line_overrides_the_environment_and_that_code),
		TEST(switches_have_many_spellings),
		TEST(profile_has_a_plain_name_in_the_environment),
		TEST(a_value_follows_an_option_or_an_equals_sign),
		TEST(a_bad_value_is_reported_with_its_source_and_what_is_allowed),
		TEST(profile_options_are_checked),
		TEST(an_unknown_name_is_reported_with_the_nearest),
		TEST(a_name_in_code_may_have_the_spelling_of_another_place),
		TEST(bad_usage_ends_with_2),
		TEST(help_and_version_end_with_0),
		TEST(a_program_has_options_of_its_own),
		TEST(the_first_error_is_kept),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
