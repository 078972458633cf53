#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/log.h"
#include "file_watch.h"

#define SECOND ((int64_t)1000000000)
#define WATCH_NS (SECOND / 2)
#define CLOSE_NS (SECOND / 5)
#define TELL_NS	 SECOND

enum { EXIT_INTERRUPTED = 130 }; /* as a shell has it: 128 and SIGINT */

static const int handled[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1};

struct master {
	const km_master_options *options;
	km_worker_pool pool;
	km_file_watch watch;
	sigset_t signals, before;
	int signal_fd;
	pid_t *old_workers;
	size_t old_count;
	int64_t old_kill_ns; /* 0: they were not told to stop yet */
	int64_t watched_ns;  /* when the program's files were looked at */
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

/* --- workers of the program that was here before --- */

static void signal_old(const struct master *master, int number)
{
	for (size_t i = 0; i < master->old_count; i++)
		kill(master->old_workers[i], number);
}

static void tell_end(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		km_log("worker %ld of the program before was killed: signal %d", (long)pid,
		       WTERMSIG(status));
}

/* They serve until the new ones do. */
static void tend_old(struct master *master)
{
	int64_t now = km_clock_monotonic_ns();
	size_t left = 0;

	if (!master->old_count)
		return;
	if (!master->old_kill_ns &&
	    (master->stopping || km_worker_pool_serves(&master->pool))) {
		signal_old(master, SIGTERM);
		master->old_kill_ns = now + master->options->pool.graceful_ns;
	} else if (master->old_kill_ns && now >= master->old_kill_ns) {
		signal_old(master, SIGKILL);
	}
	for (size_t i = 0; i < master->old_count; i++) {
		int status;
		pid_t pid = master->old_workers[i], ended = waitpid(pid, &status, WNOHANG);
		if (ended == 0)
			master->old_workers[left++] = pid;
		else if (ended > 0)
			tell_end(pid, status);
	}
	master->old_count = left;
}

/* --- a new program --- */

static void replace(struct master *master)
{
	const km_master_options *options = master->options;
	size_t own = km_worker_pool_left(&master->pool), all = own + master->old_count;
	km_handover handover = {
		.given = true,
		.sockets = options->hand_over_sockets(options->pool.context),
		.workers = calloc(all + 1, sizeof(pid_t)),
		.worker_count = all,
	};

	if (handover.workers) {
		km_worker_pool_pids(&master->pool, handover.workers);
		if (master->old_count)
			memcpy(handover.workers + own, master->old_workers,
			       master->old_count * sizeof(pid_t));
	}
	fflush(NULL);
	/* The signals stay blocked, so that none ends the program before it handles them. */
	if (handover.sockets && handover.workers)
		km_program_replace(options->program, &handover);
	km_log("cannot start %s: %s", options->program->path, strerror(errno));
	options->keep_sockets(options->pool.context);
	km_handover_finish(&handover);
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
	km_log("%s: %s starts anew", why, program->path);
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
	signal_old(master, SIGKILL);
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
		master->options->reopen_logs(master->options->pool.context);
		km_worker_pool_reopen_logs(&master->pool);
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
	const struct timespec patience = {.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
	struct signalfd_siginfo signal;
	uint64_t wakes;

	if (ppoll(fds, 2, &patience, NULL) <= 0)
		return;
	while (read(master->pool.scoreboard.wake_fd, &wakes, sizeof wakes) > 0)
		;
	while (read(master->signal_fd, &signal, sizeof signal) == sizeof signal)
		on_signal(master, (int)signal.ssi_signo);
}

/* --- */

static int master_init(struct master *master, const km_master_options *options)
{
	km_worker_pool_options pool = options->pool;

	*master = (struct master){
		.options = options,
		.had_terminal = has_terminal() && !is_ignored(SIGHUP),
		.old_workers = options->handover->workers,
		.old_count = options->handover->worker_count,
	};
	sigemptyset(&master->signals);
	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
		sigaddset(&master->signals, handled[i]);
	sigprocmask(SIG_BLOCK, &master->signals, &master->before);
	for (size_t i = 0; options->handover->given && i < sizeof handled / sizeof handled[0]; i++)
		sigdelset(&master->before, handled[i]); /* the program before blocked them */
	master->signal_fd = signalfd(-1, &master->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	pool.signals = &master->signals;
	if (master->signal_fd < 0 || km_worker_pool_init(&master->pool, &pool))
		return KM_ENOMEM;
	return options->reload ? km_file_watch_init(&master->watch, options->program->path) : 0;
}

static void master_finish(struct master *master)
{
	km_file_watch_finish(&master->watch);
	km_worker_pool_finish(&master->pool);
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

/* Workers take in who waits to be accepted as soon as they are told; then nobody can connect, though
 * a worker in the middle of a handler has the socket open. */
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

static void supervise(struct master *master)
{
	for (;;) {
		int64_t wait = km_worker_pool_tend(&master->pool);
		tend_old(master);
		tend_check(master);
		if (master->stopping && !master->old_count && !km_worker_pool_left(&master->pool))
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
