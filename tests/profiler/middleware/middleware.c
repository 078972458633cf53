/* The middleware around applications of this test. The functions here have sleds; the applications
 * call `work`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <komori/profiler_middleware.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/middleware/by_hand.h"

/* --- the application --- */

/* Different code, or gcc makes one function of both. */
__attribute__((noinline)) static void work(void)
{
	__asm__ volatile("# work" ::: "memory");
}

__attribute__((noinline)) static void closing_work(void)
{
	__asm__ volatile("# closing" ::: "memory");
}

__attribute__((noinline)) static void die(void)
{
	work();
	kill(getpid(), SIGKILL);
	pause();
}

struct stream {
	km_body body;
	int left;   /* chunks */
	int result; /* after them */
};

static int stream_next(km_body *self, km_str *chunk)
{
	struct stream *stream = (struct stream *)self;

	if (stream->left-- <= 0)
		return stream->result;
	work();
	*chunk = KM_STR("chunk");
	return 1;
}

static void stream_close(km_body *self)
{
	(void)self;
	closing_work();
}

static int freed; /* runs of inner_free */

static void inner_free(km_wsgi_app *self)
{
	(void)self;
	freed++;
}

/* By its path: "/none" no body; "/broken" fails after two chunks; "/open" of known length; else
 * "/N", N chunks. */
static km_body *inner_call(km_wsgi_app *self, km_environ *request,
			   km_start_response *start_response)
{
	km_str path = km_environ_get(request, "PATH_INFO");
	struct stream *stream = km_environ_alloc(request, sizeof *stream);

	(void)self;
	if (km_str_equal(path, KM_STR("/none")))
		return NULL;
	if (km_str_equal(path, KM_STR("/die"))) {
		km_environ_set(request, "komori.route", KM_STR("/<how>"));
		die();
	}
	start_response->call(start_response, 207, NULL, 0);
	stream->body = (km_body){stream_next, stream_close, -1};
	stream->left = atoi(path.ptr + 1);
	if (km_str_equal(path, KM_STR("/broken"))) {
		stream->left = 2;
		stream->result = KM_EIO;
	} else if (km_str_equal(path, KM_STR("/open"))) {
		stream->left = 2;
		stream->body.length = 10;
		km_environ_set(request, "komori.route", KM_STR("/<open>"));
	}
	return &stream->body;
}

static km_wsgi_app inner = {inner_call, inner_free};

/* --- the facts of requests --- */

static struct {
	char method[32], path[64], route[64], query[16], outcome[64];
	int status, calls;
	double elapsed;
} noted;

/* A PROFILE_FILENAME callback that notes the facts. */
static int note_facts(void *context, const km_profile_facts *facts, char *name, size_t size)
{
	noted.calls++;
	snprintf(noted.method, sizeof noted.method, "%s", facts->method);
	snprintf(noted.path, sizeof noted.path, "%s", facts->path);
	snprintf(noted.route, sizeof noted.route, "%s", facts->route ? facts->route : "(null)");
	snprintf(noted.outcome, sizeof noted.outcome, "%s", facts->outcome);
	snprintf(noted.query, sizeof noted.query, "%s", facts->query ? facts->query : "(null)");
	noted.status = facts->status;
	noted.elapsed = facts->elapsed;
	snprintf(name, size, "%s", context ? (const char *)context : "x.prof");
	return context ? 0 : KM_ENOENT;
}

static char folder[] = "/tmp/komori-middleware-XXXXXX";
static char *text;
static size_t text_len;
static FILE *console;

static int set_up(void **state)
{
	(void)state;
	memset(&noted, 0, sizeof noted);
	freed = 0;
	memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
	console = open_memstream(&text, &text_len);
	return mkdtemp(folder) && console ? fflush(console) : -1; /* sets text and text_len */
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	fclose(console);
	free(text);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

static km_wsgi_app *wrapped(const km_profiler_options *options)
{
	char error[256] = "";
	km_wsgi_app *app = km_profiler_middleware_new(&inner, options, error, sizeof error);

	if (!app)
		fail_msg("%s", error);
	return app;
}

static int count_files(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

/* Whether the report has a row of `calls` calls of a function whose printed name ends so. */
static bool has_row(const char *report, int calls, const char *name)
{
	char wanted[16];

	snprintf(wanted, sizeof wanted, "%9d ", calls);
	for (const char *line = report; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *end = strchrnul(line, '\n');
		size_t len = strlen(name);
		if (strncmp(line, wanted, 10) == 0 && (size_t)(end - line) > len &&
		    memcmp(end - len, name, len) == 0)
			return true;
		if (!*end)
			break;
		line = end;
	}
	return false;
}

/* --- tests --- */

static void the_report_is_framed_as_werkzeugs(void **state)
{
	km_wsgi_app *app = wrapped(&(km_profiler_options){
		.stream = console, .sort_by = "nfl", .restrictions = "request"});

	(void)state;
	serve(app, "GET", "/it's");
	/* Times differ from run to run, and counts from build to build: any number becomes "#". */
	char *out = text;
	for (const char *in = text; *in; in++) {
		bool digit = *in >= '0' && *in <= '9';
		if (!digit || out == text || out[-1] != '#')
			*out++ = digit ? '#' : *in;
	}
	*out = '\0';
	assert_string_equal(
		text,
		"--------------------------------------------------------------------------------\n"
		"PATH: \"/it's\"\n"
		"         # function calls in #.# seconds\n\n"
		"   Ordered by: name/file/line\n"
		"   List reduced from # to # due to restriction <'request'>\n\n"
		"   ncalls  tottime  percall  cumtime  percall filename:lineno(function)\n"
		"        #    #.#    #.#    #.#    #.# {request GET (no route)}\n\n\n"
		"--------------------------------------------------------------------------------"
		"\n\n");
	app->free(app);
	assert_int_equal(freed, 1);
}

static void pulls_and_close_are_recorded(void **state)
{
	km_wsgi_app *app = wrapped(&(km_profiler_options){.stream = console});

	(void)state;
	serve(app, "GET", "/5");
	assert_true(has_row(text, 5, "(work)"));
	assert_true(has_row(text, 6, "(stream_next)"));
	assert_true(has_row(text, 1, "(stream_close)"));
	assert_true(has_row(text, 1, "(closing_work)"));
	assert_true(has_row(text, 1, "(inner_call)"));
	assert_true(has_row(text, 1, "{request GET (no route)}"));
	/* The next request begins with an empty profile. */
	size_t first = text_len;
	serve(app, "GET", "/3");
	assert_true(has_row(text + first, 3, "(work)"));
	app->free(app);
}

/* Two requests of one thread, pulled by turns. */
static void requests_by_turns_do_not_mix(void **state)
{
	km_wsgi_app *app = wrapped(&(km_profiler_options){.stream = console});
	struct request a, b;

	(void)state;
	begin(&a, app, "GET", "/10");
	begin(&b, app, "POST", "/20");
	for (int i = 0; i < 20; i++) {
		if (i < 10)
			assert_int_equal(pull(&a), 1);
		work(); /* between pulls nothing is recorded */
		assert_int_equal(pull(&b), 1);
	}
	assert_int_equal(pull(&b), 0);
	end(&b);
	assert_true(has_row(text, 20, "(work)"));
	assert_true(has_row(text, 1, "{request POST (no route)}"));
	assert_null(strstr(text, "request GET"));
	assert_int_equal(pull(&a), 0);
	size_t first_len = text_len;
	end(&a);
	assert_true(has_row(text + first_len, 10, "(work)"));
	assert_true(has_row(text + first_len, 1, "{request GET (no route)}"));
	app->free(app);
}

static void each_request_has_its_outcome(void **state)
{
	km_wsgi_app *app = wrapped(&(km_profiler_options){
		.silent = true, .profile_dir = folder, .filename = note_facts});
	struct request request;

	(void)state;
	serve(app, "GET", "/3");
	assert_string_equal(noted.outcome, "finished");
	assert_string_equal(noted.method, "GET");
	assert_string_equal(noted.path, "/3");
	assert_string_equal(noted.route, "(null)");
	assert_int_equal(noted.status, 207);
	assert_true(noted.elapsed > 0 && noted.elapsed < 10);

	serve(app, "GET", "/broken");
	assert_string_equal(noted.outcome, "error");
	assert_int_equal(noted.status, 207);

	serve(app, "GET", "/none");
	assert_string_equal(noted.outcome, "error");
	assert_int_equal(noted.status, 500);

	begin(&request, app, "GET", "/3");
	assert_int_equal(request.status, 207);
	assert_int_equal(pull(&request), 1);
	end(&request);
	assert_string_equal(noted.outcome, "aborted");

	begin(&request, app, "HEAD", "/3");
	end(&request);
	assert_string_equal(noted.outcome, "finished");

	/* A server need not ask again when all announced bytes are there. */
	begin(&request, app, "GET", "/open");
	assert_int_equal(request.body->length, 10);
	assert_int_equal(pull(&request), 1);
	assert_int_equal(pull(&request), 1);
	end(&request);
	assert_string_equal(noted.outcome, "finished");
	assert_string_equal(noted.route, "/<open>");
	assert_int_equal(noted.calls, 6);
	/* The callback refused every name. */
	assert_int_equal(count_files(folder), 0);
	app->free(app);
}

static void a_taken_name_is_numbered(void **state)
{
	char path[96], dir[64], name[] = "same.prof";
	struct stat status;

	(void)state;
	snprintf(dir, sizeof dir, "%s/a/b/c", folder);
	km_wsgi_app *app = wrapped(&(km_profiler_options){.silent = true,
							  .profile_dir = dir,
							  .filename = note_facts,
							  .filename_context = name});
	assert_int_equal(stat(dir, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	for (int i = 0; i < 120; i++)
		serve(app, "GET", "/1");
	assert_int_equal(count_files(dir), 120);
	static const char *const names[] = {"same.prof", "same-2.prof", "same-100.prof",
					    "same-119.prof"};
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (stat(path, &status))
			fail_msg("%s is missing", path);
		assert_int_equal(status.st_mode & 0777, 0600);
		assert_true(status.st_size > 100);
	}
	app->free(app);
}

/* The second middleware has not counted the names that the first one gave. */
static void names_of_an_earlier_program_are_kept(void **state)
{
	static char name[] = "same.prof";
	const km_profiler_options options = {.silent = true,
					     .profile_dir = folder,
					     .filename = note_facts,
					     .filename_context = name};

	(void)state;
	for (int program = 1; program <= 2; program++) {
		km_wsgi_app *app = wrapped(&options);
		for (int i = 0; i < 40; i++)
			serve(app, "GET", "/1");
		assert_int_equal(count_files(folder), program * 40);
		app->free(app);
	}
}

/* More names than the folder counts at a time, used by turns. */
static void many_names_are_kept(void **state)
{
	static char name[32];
	const km_profiler_options options = {.silent = true,
					     .profile_dir = folder,
					     .filename = note_facts,
					     .filename_context = name};
	enum { NAMES = 700, ROUNDS = 3 };

	(void)state;
	km_wsgi_app *app = wrapped(&options);
	for (int i = 0; i < NAMES * ROUNDS; i++) {
		snprintf(name, sizeof name, "r%d.prof", i % NAMES);
		serve(app, "GET", "/1");
	}
	assert_int_equal(count_files(folder), NAMES * ROUNDS);
	app->free(app);
}

/* Two names of one entry, by turns: they restart each other's count. */
static void names_that_share_a_count_are_kept(void **state)
{
	static char name[32];
	const km_profiler_options options = {.silent = true,
					     .profile_dir = folder,
					     .filename = note_facts,
					     .filename_context = name};

	(void)state;
	km_wsgi_app *app = wrapped(&options);
	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof name, "%s", i % 2 ? "GET.r418.prof" : "GET.r0.prof");
		serve(app, "GET", "/1");
	}
	assert_int_equal(count_files(folder), 400);
	app->free(app);
}

static void the_folder_is_made_again_when_it_went_away(void **state)
{
	char dir[64], command[96];

	(void)state;
	snprintf(dir, sizeof dir, "%s/gone", folder);
	km_wsgi_app *app = wrapped(&(km_profiler_options){.silent = true, .profile_dir = dir});
	snprintf(command, sizeof command, "rm -r '%s'", dir);
	assert_int_equal(system(command), 0);
	serve(app, "GET", "/1");
	assert_int_equal(count_files(dir), 1);
	app->free(app);
}

static void a_failed_dump_or_table_fails_no_request(void **state)
{
	char dir[64];
	FILE *full = fopen("/dev/full", "w");
	struct request request;

	(void)state;
	snprintf(dir, sizeof dir, "%s/file", folder);
	km_wsgi_app *app = wrapped(&(km_profiler_options){.stream = full, .profile_dir = dir});
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(fclose(fopen(dir, "w")), 0);
	begin(&request, app, "GET", "/1\x1b[2J");
	assert_int_equal(pull(&request), 1);
	assert_int_equal(pull(&request), 0);
	assert_int_equal(request.status, 207);
	end(&request);
	app->free(app);
	fclose(full);
}

static void a_profiler_inside_a_profiler_lets_requests_through(void **state)
{
	km_wsgi_app *app = wrapped(&(km_profiler_options){.silent = true});
	km_wsgi_app *outer =
		km_profiler_middleware_new(app, &(km_profiler_options){.stream = console}, NULL, 0);
	struct request request;

	(void)state;
	assert_non_null(outer);
	begin(&request, outer, "GET", "/2");
	assert_int_equal(pull(&request), 1);
	assert_int_equal(pull(&request), 1);
	assert_int_equal(pull(&request), 0);
	end(&request);
	assert_true(has_row(text, 2, "(work)"));
	outer->free(outer);
	assert_int_equal(freed, 1);
}

/* --- processes that died --- */

/* A child that runs `serve_in_child` and dies of SIGKILL, waited for. */
static pid_t dead_child(km_wsgi_app *app, void (*serve_in_child)(km_wsgi_app *app))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		serve_in_child(app);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return child;
}

static km_wsgi_app *sharing(size_t count)
{
	static char name[] = "lost.prof";

	return wrapped(&(km_profiler_options){.stream = console,
					      .profile_dir = folder,
					      .filename = note_facts,
					      .filename_context = name,
					      .shared_recordings = count});
}

static void die_in_the_handler(km_wsgi_app *app)
{
	serve(app, "GET", "/die");
}

static void a_killed_request_is_reported(void **state)
{
	km_wsgi_app *app = sharing(2);

	(void)state;
	for (int round = 0; round < 5; round++) { /* more than there are recordings */
		pid_t child = dead_child(app, die_in_the_handler);
		size_t before = text_len;
		size_t count = km_profiler_recover(app, child, "killed: SIGKILL after 0.1 s", 0);
		assert_int_equal(count, 1);
		fflush(console);
		assert_true(has_row(text + before, 1, "(work)"));
		assert_true(has_row(text + before, 1, "(die)"));
		assert_true(has_row(text + before, 1, "{request GET /<how>}"));
		const char *end = strstr(text + before, "\nkilled: SIGKILL after 0.1 s; open then, "
							"innermost first:\n");
		assert_non_null(end);
		assert_null(strstr(end, "(work)"));
		const char *innermost = strstr(end, "(die)"), *outer = strstr(end, "(inner_call)");
		assert_true(innermost && outer && innermost < outer);
		assert_non_null(strstr(outer, "    {request GET /<how>}\n"));
		assert_string_equal(noted.outcome, "killed: SIGKILL after 0.1 s");
		assert_string_equal(noted.method, "GET");
		assert_string_equal(noted.path, "/die");
		assert_string_equal(noted.route, "/<how>");
		assert_string_equal(noted.query, "");
		assert_true(noted.elapsed > 0 && noted.elapsed < 60);
		assert_int_equal(count_files(folder), round + 1);
		assert_int_equal(km_profiler_recover(app, child, "again", 0), 0);
	}
	app->free(app);
}

static void leave_everything_open(km_wsgi_app *app)
{
	static struct request parked, ended, unseen;

	serve(app, "GET", "/1"); /* the child reports it */
	begin(&parked, app, "POST", "/10");
	pull(&parked);
	pull(&parked);
	begin(&ended, app, "HEAD", "/2");
	end(&ended);
	begin(&unseen, app, "PUT", "/10");
	serve(app, "GET", "/die");
}

static void streams_between_pulls_are_lost(void **state)
{
	km_wsgi_app *app = sharing(3);

	(void)state;
	pid_t child = dead_child(app, leave_everything_open);
	int files = count_files(folder); /* of those that ended in the child */
	assert_int_equal(files, 2);
	assert_int_equal(km_profiler_recover(app, child, "killed", 0), 3);
	fflush(console);
	assert_non_null(strstr(text, "{request POST (no route)}"));
	assert_true(has_row(text, 2, "(work)"));
	assert_non_null(strstr(text, "\nlost\n"));
	assert_non_null(strstr(text, "\nkilled; open then"));
	assert_int_equal(noted.calls, 3);
	assert_int_equal(count_files(folder), files + 3);
	app->free(app);
}

static void what_cannot_be_read_is_forgotten(void **state)
{
	km_wsgi_app *app = sharing(1);

	(void)state;
	pid_t child = dead_child(app, die_in_the_handler);
	km_profiler_forget(app, child);
	assert_int_equal(km_profiler_recover(app, child, "killed", 0), 0);
	assert_int_equal(noted.calls, 0);
	/* The recording is free again. */
	child = dead_child(app, die_in_the_handler);
	assert_int_equal(km_profiler_recover(app, child, "killed", 0), 1);
	app->free(app);
}

static void without_a_free_recording_requests_run(void **state)
{
	km_wsgi_app *app = sharing(2);
	struct request requests[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		begin(&requests[i], app, "GET", "/2");
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 2 + 1; k++)
			assert_int_equal(pull(&requests[i]), k < 2);
	for (int i = 0; i < 4; i++) {
		size_t before = text_len;
		end(&requests[i]);
		fflush(console);
		assert_true(has_row(text + before, 2, "(work)"));
	}
	assert_int_equal(noted.calls, 4);
	app->free(app);
}

static km_body *stopping_call(km_wsgi_app *self, km_environ *request,
			      km_start_response *start_response)
{
	(void)self;
	(void)request;
	(void)start_response;
	raise(SIGSTOP);
	return NULL;
}

static void the_stack_of_a_stopped_process_is_printed(void **state)
{
	static km_wsgi_app stopping = {stopping_call, NULL};
	km_wsgi_app *app = km_profiler_middleware_new(
		&stopping, &(km_profiler_options){.stream = console, .shared_recordings = 2}, NULL,
		0);
	int status;

	(void)state;
	assert_non_null(app);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(app, "GET", "/stop");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(km_profiler_print_stack(app, child, console), 1);
	fflush(console);
	assert_memory_equal(text, "    {built-in function raise}\n    /", 32);
	assert_non_null(strstr(text, "(stopping_call)\n    {request GET (no route)}\n"));
	kill(child, SIGCONT);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(km_profiler_print_stack(app, child, console), 0);
	/* Another application has no such requests. */
	assert_int_equal(km_profiler_print_stack(&stopping, child, console), 0);
	assert_int_equal(km_profiler_recover(&stopping, child, "killed", 0), 0);
	app->free(app);
}

static void bad_options_are_refused_at_once(void **state)
{
	char file[64], below[80], told_file[96], told_below[112];
	snprintf(file, sizeof file, "%s/file", folder);
	snprintf(below, sizeof below, "%s/below", file);
	snprintf(told_file, sizeof told_file, "PROFILE_DIR \"%s\":", file);
	snprintf(told_below, sizeof told_below, "PROFILE_DIR \"%s\":", below);
	assert_int_equal(fclose(fopen(file, "w")), 0);
	const struct {
		km_profiler_options options;
		const char *noted;
	} cases[] = {
		{{.sort_by = "speed"}, "speed"},
		{{.restrictions = "-1"}, "-1"},
		{{.filename_format = "{nope}"}, "{method}"},
		{{.profile_dir = file}, told_file},
		{{.profile_dir = below}, told_below},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char error[256] = "";
		assert_null(
			km_profiler_middleware_new(&inner, &cases[i].options, error, sizeof error));
		if (!strstr(error, cases[i].noted))
			fail_msg("case %zu: %s", i, error);
		assert_null(km_profiler_middleware_new(&inner, &cases[i].options, NULL, 0));
	}
	assert_null(km_profiler_middleware_new(NULL, NULL, NULL, 0));
	assert_int_equal(freed, 0);
}

static int ticks[2]; /* a pipe: a byte for each signal */

static void tick(int signal)
{
	int error = errno;
	ssize_t written = write(ticks[1], "", 1);

	(void)signal;
	(void)written;
	errno = error;
}

/* Reads a pipe that is full, after some signals have hit the writer. Exits with 0 when the text
 * ends as a table does. */
static void read_late(int fd)
{
	enum { SIGNALS = 10 };
	static char bytes[1 << 18];
	size_t len = 0;
	ssize_t got;

	for (int i = 0; i < SIGNALS; i++)
		if (read(ticks[0], bytes, 1) != 1)
			_exit(2);
	while ((got = read(fd, bytes + len, sizeof bytes - len)) > 0)
		len += (size_t)got;
	_exit(len < 4 || memcmp(bytes + len - 4, "--\n\n", 4) != 0);
}

static void a_signal_cuts_no_table_short(void **state)
{
	const struct itimerval often = {{0, 10000}, {0, 10000}}, never = {0};
	char filler[4096] = "";
	int ends[2], status;

	(void)state;
	assert_return_code(pipe2(ends, O_NONBLOCK), errno);
	assert_return_code(pipe(ticks), errno);
	while (write(ends[1], filler, sizeof filler) > 0)
		;
	pid_t reader = fork();
	if (reader == 0) {
		close(ends[1]);
		close(ticks[1]);
		fcntl(ends[0], F_SETFL, 0);
		read_late(ends[0]);
	}
	FILE *stream = fdopen(ends[1], "w");
	km_wsgi_app *app = km_profiler_middleware_new(
		&inner, &(km_profiler_options){.stream = stream}, NULL, 0);
	assert_non_null(app);
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = tick}, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	serve(app, "GET", "/1");
	setitimer(ITIMER_REAL, &never, NULL);
	app->free(app);
	fclose(stream);
	close(ends[0]);
	close(ticks[0]);
	close(ticks[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_report_is_framed_as_werkzeugs),
		TEST(pulls_and_close_are_recorded),
		TEST(requests_by_turns_do_not_mix),
		TEST(each_request_has_its_outcome),
		TEST(a_taken_name_is_numbered),
		TEST(names_of_an_earlier_program_are_kept),
		TEST(many_names_are_kept),
		TEST(names_that_share_a_count_are_kept),
		TEST(the_folder_is_made_again_when_it_went_away),
		TEST(a_failed_dump_or_table_fails_no_request),
		TEST(a_profiler_inside_a_profiler_lets_requests_through),
		TEST(a_killed_request_is_reported),
		TEST(streams_between_pulls_are_lost),
		TEST(what_cannot_be_read_is_forgotten),
		TEST(without_a_free_recording_requests_run),
		TEST(the_stack_of_a_stopped_process_is_printed),
		TEST(a_signal_cuts_no_table_short),
		TEST(bad_options_are_refused_at_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
