/* A program that is killed, crashed, rebuilt and stopped by the scripts here. */
#include <komori/komori.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/profiler/keep.h"

/* What the handlers count by hand, in the file COUNTS, which its reader makes. */
struct counts {
	_Atomic(uint64_t) steps, turns;
	_Atomic(int64_t) before_hold_ns, in_hold_ns; /* CLOCK_MONOTONIC */
	_Atomic(uint64_t) holder;		     /* process id */
	_Atomic(uint64_t) go;			     /* set by the reader */
};

static struct counts unread, *counts = &unread;

KEEP static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static long number(km_request *req, const char *name, long absent)
{
	const char *text = km_request_query(req, name);

	return text ? strtol(text, NULL, 10) : absent;
}

static void pause_ms(long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* --- what runs when a worker dies --- */

KEEP static void step(void)
{
	counts->steps++;
}

KEEP static void turn(long steps)
{
	counts->turns++;
	for (long i = 0; i < steps; i++)
		step();
}

/* Does not return, makes no call that the profiler sees, and leaves the processor to others. */
KEEP static void hold(int64_t (*clock_ns)(void))
{
	int64_t now = clock_ns();

	counts->in_hold_ns = now;
	counts->holder = (uint64_t)getpid();
	for (volatile bool holding = true; holding;) {
#ifdef __x86_64__
		long result = SYS_pause;
		__asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
#endif
	}
}

static int hold_after_steps(km_request *req, km_response *res)
{
	turn(number(req, "steps", 0));
	counts->before_hold_ns = now_ns();
	hold(now_ns);
	return km_text(res, 200, "never\n");
}

static int spin(km_request *req, km_response *res)
{
	(void)req;
	counts->holder = (uint64_t)getpid();
	for (;;)
		turn(100);
	return km_text(res, 200, "never\n");
}

static int nap(km_request *req, km_response *res)
{
	counts->holder = (uint64_t)getpid();
	pause_ms(number(req, "ms", 0));
	return km_text(res, 200, "slept\n");
}

/* Responds whether a signal has cut it short. */
static int doze(km_request *req, km_response *res)
{
	long ms = number(req, "ms", 0);
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	counts->in_hold_ns = now_ns();
	counts->holder = (uint64_t)getpid();
	return km_text(res, 200, nanosleep(&time, NULL) ? "woken\n" : "slept\n");
}

KEEP static void wait_for_go(void)
{
	counts->holder = (uint64_t)getpid();
	while (!counts->go)
		pause_ms(1);
}

static int wait_first(km_request *req, km_response *res)
{
	(void)req;
	wait_for_go();
	return km_textf(res, 200, "%ld " WORD "\n", (long)getpid());
}

/* --- crashes --- */

/* Left to the processor: a sanitizer would report first. */
#define UNCHECKED __attribute__((no_sanitize("undefined", "address")))

KEEP UNCHECKED static void write_nowhere(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}

KEEP UNCHECKED static void read_past_file(void)
{
	FILE *empty = tmpfile();
	volatile char *page =
		mmap(NULL, 4096, PROT_READ, MAP_SHARED, empty ? fileno(empty) : -1, 0);

	(void)*page;
}

KEEP UNCHECKED static void divide(volatile int by)
{
	by = 1000 / by;
}

KEEP static uint64_t overflow(volatile uint64_t depth)
{
	volatile char frame[4096] = {(char)depth};

	return depth ? overflow(depth + 1) + (uint64_t)frame[depth % sizeof frame] : 0;
}

KEEP UNCHECKED static void call_nowhere(void)
{
	void (*volatile nowhere)(void) = NULL;

	nowhere();
	counts->turns++; /* not the last call */
}

/* Returns only when a crash did not end the process. */
static void crash(const char *how)
{
	if (strcmp(how, "segv") == 0)
		write_nowhere();
	if (strcmp(how, "call") == 0)
		call_nowhere();
	if (strcmp(how, "bus") == 0)
		read_past_file();
	if (strcmp(how, "fpe") == 0)
		divide(0);
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "overflow") == 0)
		overflow(1);
	if (strcmp(how, "exit") == 0)
		exit(3);
}

static int crash_handler(km_request *req, km_response *res)
{
	if (number(req, "wait", 0))
		wait_for_go();
	crash(km_request_param(req, "how"));
	return km_text(res, 500, "alive\n");
}

static int crash_child(km_request *req, km_response *res)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		crash(km_request_param(req, "how"));
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return km_textf(res, 200, "%d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* --- plain responses --- */

static int pid(km_request *req, km_response *res)
{
	(void)req;
	return km_textf(res, 200, "%ld " WORD "\n", (long)getpid());
}

struct stream {
	long chunks, pause;
};

static int next(void *context, km_str *chunk)
{
	struct stream *stream = context;

	if (stream->chunks-- == 0)
		return 0;
	pause_ms(stream->pause);
	*chunk = (km_str){"chunk\n", 6};
	return 1;
}

static int stream(km_request *req, km_response *res)
{
	struct stream *stream = km_request_alloc(req, sizeof *stream);

	if (!stream)
		return KM_ENOMEM;
	*stream = (struct stream){number(req, "chunks", 1), number(req, "pause", 0)};
	return km_stream(res, 200, "text/plain", next, NULL, stream);
}

/* --- hooks --- */

static void append(const char *path, const char *line)
{
	int fd = *path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd >= 0) {
		ssize_t written = write(fd, line, strlen(line));
		(void)written;
		close(fd);
	}
}

static void on_own_signal(int signal)
{
	static const char line[] = "the program's own handler\n";
	ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);

	(void)signal;
	(void)written;
	_exit(7);
}

static void map_counts(const char *path)
{
	int fd = *path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped =
		fd < 0 ? MAP_FAILED
		       : mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (mapped != MAP_FAILED)
		counts = mapped;
	if (fd >= 0)
		close(fd);
}

/* The file BROKEN says how this goes wrong, while it is there. */
static int on_start(void *app)
{
	char line[64], how[16] = "";
	FILE *broken = fopen(km_config_get(app, "BROKEN"), "re");

	snprintf(line, sizeof line, "%ld %lld\n", (long)getpid(), (long long)now_ns());
	append(km_config_get(app, "STARTS"), line);
	map_counts(km_config_get(app, "COUNTS"));
	if (!broken)
		return 0;
	bool read = fscanf(broken, "%15s", how) == 1;
	fclose(broken);
	if (read && strcmp(how, "late") == 0)
		pause_ms(1200);
	else if (read)
		crash(how);
	return 42;
}

static void record(km_app *app, const char *hook, const km_worker_facts *facts)
{
	char *line = NULL;

	if (asprintf(&line, "%s\t%ld\t%s\t%d\t%d\t%.3f\t%s\t%s\t%s\t%.6f\t%s\t%s\t%d\t%s\n", hook,
		     facts->pid, facts->reason, facts->signal, facts->exit_status, facts->time,
		     facts->method ? facts->method : "-", facts->target ? facts->target : "-",
		     facts->route ? facts->route : "-", facts->elapsed,
		     facts->handler ? facts->handler : "-", facts->file ? facts->file : "-",
		     facts->line, facts->json) < 0)
		return;
	append(km_config_get(app, "HOOKS"), line);
	free(line);
}

static void on_lost(void *app, const km_worker_facts *facts)
{
	record(app, "lost", facts);
}

static void on_timeout(void *app, const km_worker_facts *facts)
{
	record(app, "timeout", facts);
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("worker_app");

	if (getenv("OWN_HANDLER"))
		signal(SIGSEGV, on_own_signal);
	km_config_define(app, "COUNTS", "", "file of what handlers count");
	km_config_define(app, "STARTS", "", "file that gets a line from each worker's start");
	km_config_define(app, "BROKEN", "", "file that says how a start goes wrong");
	km_config_define(app, "HOOKS", "", "file that gets a line from each call of a hook");
	km_config_define(app, "PROFILE_PICTURE", "", "is unrelated to the profiler");
	km_on_worker_start(app, on_start, app);
	km_on_worker_lost(app, on_lost, app);
	km_on_request_timeout(app, on_timeout, app);
	km_get(app, "/pid", pid);
	km_get(app, "/hold", hold_after_steps);
	km_get(app, "/spin", spin);
	km_get(app, "/sleep", nap);
	km_get(app, "/doze", doze);
	km_get(app, "/wait", wait_first);
	km_get(app, "/stream", stream);
	km_get(app, "/crash/<how>", crash_handler);
	km_get(app, "/crash_child/<how>", crash_child);
	return km_main(app, argc, argv);
}
