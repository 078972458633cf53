#include "framework/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/file_watch.h"
#include "framework/master/old_programs.h"

#define WATCH_NS (KM_SECOND_NS / 2)
#define CLOSE_NS (KM_SECOND_NS / 5)
#define TELL_NS	 KM_SECOND_NS

enum { EXIT_INTERRUPTED = 130 }; /* as a shell has it: 128 and SIGINT */

static const int handled[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1};

struct master {
	const km_master_options *options;
	km_worker_pool pool;
	km_file_watch watch;
	sigset_t signals, before;
	int signal_fd;
	km_generations old;	/* workers of programs that ran here before */
	int64_t watched_ns;	/* when the program's files were looked at */
	km_program_check check; /* before a reload */
	bool reload_again;	/* was asked for while that runs */
	int interrupts;
	bool had_terminal;
	bool stopping;
	int64_t stopped_ns;
	bool closed, told; /* the sockets; that workers are waited for */
	int status;
};

static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* As under nohup. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* --- a new program --- */

/* In the guard of this program's workers. */
static void leave_to_guard(void *context)
{
	struct master *master = context;

	km_generations_finish(&master->old);
	master->options->leave_sockets(master->options->pool.context);
}

static void reopen_logs(void *context)
{
	const struct master *master = context;

	master->options->reopen_logs(master->options->pool.context);
}

static void start_guard(struct master *master, km_guard *guard)
{
	const km_guard_options options = {
		.signal_fd = master->signal_fd,
		.leave = leave_to_guard,
		.reopen_logs = reopen_logs,
		.context = master,
	};

	if (km_guard_start(guard, &master->pool, &options))
		km_log("cannot look after the workers that are left: %s; TIMEOUT does not hold for "
		       "them",
		       strerror(errno));
}

/* Returns only when that failed. */
static void hand_over(struct master *master, km_generation *own)
{
	const km_master_options *options = master->options;
	km_buffer workers = {0};
	km_handover handover = {
		.given = true,
		.sockets = options->hand_over_sockets(options->pool.context),
	};

	int failed = km_generations_export(&master->old, own, &workers);
	handover.workers = workers.data;
	/* The signals stay blocked, so that none ends the program before it handles them. */
	if (!failed && handover.sockets)
		km_program_replace(options->program, &handover);
	km_log("cannot start %s: %s", options->program->path, strerror(errno));
	options->keep_sockets(options->pool.context);
	km_generations_keep(&master->old);
	km_handover_finish(&handover);
}

static void replace(struct master *master)
{
	km_generation own = {.count = km_worker_pool_left(&master->pool)};

	own.pids = calloc(own.count + 1, sizeof(pid_t));
	if (!own.pids) {
		km_log("cannot start %s: out of memory", master->options->program->name);
		return;
	}
	km_worker_pool_pids(&master->pool, own.pids);
	fflush(NULL);
	start_guard(master, &own.guard);
	hand_over(master, &own);
	km_guard_cancel(&own.guard, &master->pool);
	free(own.pids);
}

static void reload(struct master *master, const char *why)
{
	const km_program *program = master->options->program;

	if (master->stopping)
		return;
	if (master->check.pid) {
		master->reload_again = true;
		return;
	}
	km_log("%s: %s starts anew", why, program->name);
	km_program_check_start(&master->check, program);
}

static void tend_check(struct master *master)
{
	if (!master->check.pid)
		return;
	km_program_fitness fitness =
		km_program_check_tend(&master->check, master->options->program);
	if (fitness == KM_PROGRAM_CHECKING)
		return;
	if (fitness == KM_PROGRAM_STARTS)
		replace(master);
	km_log("the program that runs goes on");
	if (master->reload_again) {
		master->reload_again = false;
		reload(master, "once more");
	}
}

/* --- signals --- */

static void stop(struct master *master)
{
	if (master->stopping)
		return;
	master->stopping = true;
	km_program_check_stop(&master->check);
	master->stopped_ns = km_clock_monotonic_ns();
	km_worker_pool_stop(&master->pool);
}

/* The first one asks politely. */
static void on_interrupt(struct master *master)
{
	stop(master);
	if (++master->interrupts < 2)
		return;
	master->status = EXIT_INTERRUPTED;
	km_worker_pool_kill(&master->pool);
	km_generations_kill(&master->old);
}

static void on_signal(struct master *master, int number)
{
	switch (number) {
	case SIGTERM:
		stop(master);
		break;
	case SIGINT:
		on_interrupt(master);
		break;
	case SIGHUP:
		if (master->had_terminal && !has_terminal())
			stop(master); /* whoever started it has closed the window */
		else
			reload(master, "SIGHUP");
		break;
	case SIGUSR1:
		reopen_logs(master);
		km_worker_pool_reopen_logs(&master->pool);
		km_generations_reopen_logs(&master->old);
		break;
	default: /* SIGCHLD: the pool looks by itself */
		break;
	}
}

static void wait_for_signal(struct master *master, int64_t ns)
{
	struct pollfd fds[] = {
		{.fd = master->signal_fd, .events = POLLIN},
		{.fd = master->pool.scoreboard.wake_fd, .events = POLLIN},
	};
	const struct timespec patience = km_clock_timespec(ns);
	struct signalfd_siginfo signal;

	if (ppoll(fds, 2, &patience, NULL) <= 0)
		return;
	km_scoreboard_heed(&master->pool.scoreboard);
	while (read(master->signal_fd, &signal, sizeof signal) == sizeof signal)
		on_signal(master, (int)signal.ssi_signo);
}

/* --- */

/* In a worker. */
static void leave_to_worker(void *context)
{
	struct master *master = context;

	km_generations_finish(&master->old);
	close(master->signal_fd);
}

static int master_init(struct master *master, const km_master_options *options)
{
	km_worker_pool_options pool = options->pool;

	*master = (struct master){
		.options = options,
		.had_terminal = has_terminal() && !is_ignored(SIGHUP),
	};
	if (km_generations_import(&master->old, options->handover->workers))
		km_log("some workers of the program before cannot be stopped");
	signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, ends would not be told */
	sigemptyset(&master->signals);
	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
		sigaddset(&master->signals, handled[i]);
	sigprocmask(SIG_BLOCK, &master->signals, &master->before);
	for (size_t i = 0; options->handover->given && i < sizeof handled / sizeof handled[0]; i++)
		sigdelset(&master->before, handled[i]); /* the program before blocked them */
	master->signal_fd = signalfd(-1, &master->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	pool.signals = &master->signals;
	pool.leave = leave_to_worker;
	pool.leave_context = master;
	if (master->signal_fd < 0 || km_worker_pool_init(&master->pool, &pool))
		return KM_ENOMEM;
	return options->reload ? km_file_watch_init(&master->watch, options->program->path) : 0;
}

static void master_finish(struct master *master)
{
	km_file_watch_finish(&master->watch);
	km_worker_pool_finish(&master->pool);
	km_generations_finish(&master->old);
	if (master->signal_fd >= 0)
		close(master->signal_fd);
	sigprocmask(SIG_SETMASK, &master->before, NULL);
}

/* Not at every wake: between two looks a file that is being written has to change. */
static void watch(struct master *master)
{
	int64_t now = km_clock_monotonic_ns();

	if (now - master->watched_ns < WATCH_NS)
		return;
	master->watched_ns = now;
	if (km_file_watch_changed(&master->watch)) {
		km_file_watch_accept(&master->watch);
		reload(master, "a new build");
	}
}

/* Workers take in who waits to be accepted as soon as they are told; then nobody can connect,
 * though a worker in the middle of a handler has the socket open. */
static void tend_stop(struct master *master)
{
	int64_t since = km_clock_monotonic_ns() - master->stopped_ns;

	if (!master->closed && since >= CLOSE_NS) {
		master->options->close_sockets(master->options->pool.context);
		master->closed = true;
	}
	if (!master->told && since >= TELL_NS) {
		km_log("waiting for what is under way (GRACEFUL_TIMEOUT); a second Ctrl-C ends it "
		       "at once");
		master->told = true;
	}
}

/* They serve until the new ones do. */
static bool may_stop_old(const struct master *master)
{
	return master->stopping || km_worker_pool_serves(&master->pool);
}

static void supervise(struct master *master)
{
	for (;;) {
		int64_t wait = km_worker_pool_tend(&master->pool);
		km_generations_tend(&master->old, may_stop_old(master),
				    master->options->pool.graceful_ns);
		tend_check(master);
		if (master->stopping && !master->old.count && !km_worker_pool_left(&master->pool))
			return;
		if (master->stopping)
			tend_stop(master);
		if (master->stopping && wait > CLOSE_NS)
			wait = CLOSE_NS;
		if (master->options->reload && wait > WATCH_NS)
			wait = WATCH_NS;
		wait_for_signal(master, wait);
		if (master->options->reload)
			watch(master);
	}
}

int km_master_run(const km_master_options *options)
{
	struct master master;
	int failed = master_init(&master, options);

	if (failed) {
		km_log("cannot supervise workers: %s", strerror(errno));
	} else {
		options->ready(options->pool.context);
		supervise(&master);
	}
	master_finish(&master);
	return failed ? 1 : master.status;
}
