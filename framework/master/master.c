#include "framework/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/child.h"
#include "framework/master/signal_fd.h"
#include "framework/master/worker_exit.h"

#define CLOSE_NS (KM_SECOND_NS / 5)
#define LOG_NS	 KM_SECOND_NS
#define LATE_NS	 (20 * KM_SECOND_NS)

enum {
	EXIT_INTERRUPTED = 130, /* as in a shell: 128 and SIGINT */
	MAX_RETIRING = 64,
};

/* Each pid is a supervisor's; 0: there is none. */
struct master {
	const km_master_options *options;
	km_signal_fd signals;
	pid_t current;		      /* of the program that runs */
	pid_t next;		      /* of the one that is to replace it */
	bool next_is_old;	      /* the program was rebuilt since */
	pid_t retiring[MAX_RETIRING]; /* of those that finish their requests */
	size_t retiring_count;
	int64_t late_ns; /* when the log says that the next one is late; INT64_MAX: never */
	bool serves;	 /* the current one has all its workers */
	int interrupts;
	bool had_terminal;
	bool stopping;
	int64_t stopped_ns;
	bool closed, logged; /* the sockets; that the end waits for requests */
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

/* --- programs --- */

/* The first program needs no exec: it is in memory already. */
static pid_t start_first(struct master *master)
{
	sigset_t none;

	sigemptyset(&none);
	pid_t pid = km_child_fork(&none);
	if (pid == 0) {
		close(master->signals.fd);
		exit(master->options->supervise(master->options->context));
	}
	return pid;
}

/* Until the new program handles signals, SIGTERM and SIGINT end it; others wait. */
static pid_t start_again(struct master *master)
{
	const km_program *program = master->options->program;
	km_handover handover = {0};
	sigset_t deadly;

	sigemptyset(&deadly);
	sigaddset(&deadly, SIGTERM);
	sigaddset(&deadly, SIGINT);
	pid_t pid = km_child_fork(&deadly);
	if (pid != 0)
		return pid;
	if (master->options->hand_over(master->options->context, &handover))
		km_program_run(program, &handover);
	km_log("cannot run %s: %s", program->path, strerror(errno));
	_exit(127);
}

static void retire(struct master *master, pid_t *supervisor)
{
	if (!*supervisor)
		return;
	kill(*supervisor, SIGTERM);
	master->retiring[master->retiring_count++] = *supervisor;
	*supervisor = 0;
}

static void reload(struct master *master, const char *why)
{
	const char *name = master->options->program->name;

	if (master->stopping)
		return;
	/* Room for the next one, and for the current one after that. */
	if (master->retiring_count + 2 > MAX_RETIRING) {
		km_log("%s: %s does not start again: %d old programs still finish their requests",
		       why, name, (int)master->retiring_count);
		return;
	}
	retire(master, &master->next);
	km_log("%s: %s starts again", why, name);
	master->late_ns = km_clock_monotonic_ns() + LATE_NS;
	master->next_is_old = false;
	master->next = start_again(master);
	if (master->next > 0)
		return;
	master->next = 0;
	km_log("cannot start %s: %s", name, strerror(errno));
}

/* Some programs need long: a slow one is not ended. */
static void tend_next(struct master *master)
{
	if (km_clock_monotonic_ns() < master->late_ns)
		return;
	km_log("%s does not serve after %d s; the old program keeps running",
	       master->options->program->name, (int)(LATE_NS / KM_SECOND_NS));
	master->late_ns = INT64_MAX;
}

static void on_serving(struct master *master, pid_t supervisor)
{
	if (supervisor == master->next) {
		retire(master, &master->current);
		master->current = supervisor;
		master->next = 0;
	}
	if (supervisor == master->current) {
		master->serves = true;
		master->status = 0;
		if (master->next_is_old)
			reload(master, "a new build");
	}
}

/* --- the end --- */

static void signal_all(const struct master *master, int number)
{
	if (master->current)
		kill(master->current, number);
	if (master->next)
		kill(master->next, number);
	for (size_t i = 0; i < master->retiring_count; i++)
		kill(master->retiring[i], number);
}

static void stop(struct master *master)
{
	if (master->stopping)
		return;
	master->stopping = true;
	master->stopped_ns = km_clock_monotonic_ns();
	signal_all(master, SIGTERM);
}

/* Workers first accept the connections that wait. Then nothing can connect, though a worker in the
 * middle of a handler still has the socket open. */
static void tend_stop(struct master *master)
{
	int64_t since = km_clock_monotonic_ns() - master->stopped_ns;

	if (!master->closed && since >= CLOSE_NS) {
		master->options->close_sockets(master->options->context);
		master->closed = true;
	}
	if (!master->logged && since >= LOG_NS) {
		km_log("waiting for requests under way (GRACEFUL_TIMEOUT); a second Ctrl-C ends "
		       "them at once");
		master->logged = true;
	}
}

static const char *describe(int status, char *text, size_t size)
{
	return km_worker_exit_describe(&(km_worker_exit){.status = status}, text, size);
}

static void log_loss(pid_t supervisor, int status)
{
	char end[64];

	km_log("process %ld, which supervised workers, was lost: %s", (long)supervisor,
	       describe(status, end, sizeof end));
}

static void on_next_end(struct master *master, int status)
{
	char end[64];

	master->next = 0;
	if (master->stopping)
		return;
	km_log("%s does not start: %s%s", master->options->program->name,
	       describe(status, end, sizeof end),
	       master->current ? "; the old program keeps running" : "");
}

static void on_current_end(struct master *master, int status)
{
	pid_t pid = master->current;

	master->current = 0;
	if (master->stopping) {
		if (status == 0) /* a worker has served */
			master->status = 0;
	} else if (master->serves) {
		master->serves = false;
		master->status = 1;
		log_loss(pid, status);
		if (!master->next)
			reload(master, "no supervisor is left");
	} else if (WIFEXITED(status) && WEXITSTATUS(status)) {
		master->status = WEXITSTATUS(status); /* the log says why */
	}
}

static void look_for_ends(struct master *master)
{
	size_t left = 0;
	int status;

	for (size_t i = 0; i < master->retiring_count; i++) {
		pid_t pid = master->retiring[i];
		if (!km_child_ended(pid, &status))
			master->retiring[left++] = pid;
		else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
			log_loss(pid, status);
	}
	master->retiring_count = left;
	if (master->next && km_child_ended(master->next, &status))
		on_next_end(master, status);
	if (master->current && km_child_ended(master->current, &status))
		on_current_end(master, status);
	if (!master->current && !master->next)
		stop(master);
}

/* --- signals --- */

static void on_interrupt(struct master *master)
{
	stop(master);
	if (++master->interrupts < 2)
		return;
	signal_all(master, SIGINT);
}

static bool is_retiring(const struct master *master, pid_t supervisor)
{
	for (size_t i = 0; i < master->retiring_count; i++)
		if (master->retiring[i] == supervisor)
			return true;
	return false;
}

/* A supervisor sends it when the program was rebuilt. */
static void on_hangup(struct master *master, pid_t sender)
{
	if (master->had_terminal && !has_terminal())
		stop(master); /* its window was closed */
	else if (sender && sender == master->current)
		reload(master, "a new build");
	else if (sender && sender == master->next) /* the current one may send it as well */
		master->next_is_old = true;
	else if (!is_retiring(master, sender))
		reload(master, "SIGHUP");
}

static void on_signal(struct master *master, const km_signal *signal)
{
	switch (signal->number) {
	case SIGTERM:
		stop(master);
		break;
	case SIGINT:
		on_interrupt(master);
		break;
	case SIGHUP:
		on_hangup(master, signal->sender);
		break;
	case SIGUSR1:
		signal_all(master, SIGUSR1);
		break;
	default: /* SIGCHLD: look_for_ends follows */
		if (signal->number == KM_SIGNAL_SERVING)
			on_serving(master, signal->sender);
		break;
	}
}

static int64_t next_look(const struct master *master)
{
	if (master->stopping)
		return CLOSE_NS;
	return master->next ? KM_SECOND_NS : -1;
}

static void run(struct master *master)
{
	km_signal signal;

	for (;;) {
		look_for_ends(master);
		if (master->stopping) {
			if (!master->current && !master->next && !master->retiring_count)
				return;
			tend_stop(master);
		} else if (master->next) {
			tend_next(master);
		}
		km_signal_fd_wait(&master->signals, -1, next_look(master));
		while (km_signal_fd_next(&master->signals, &signal))
			on_signal(master, &signal);
	}
}

int km_master_run(const km_master_options *options)
{
	struct master master = {
		.options = options,
		.had_terminal = has_terminal() && !is_ignored(SIGHUP),
		.status = 1,
	};
	int failed = km_signal_fd_open(&master.signals);

	if (!failed) {
		master.current = start_first(&master);
		failed = master.current < 0;
	}
	if (failed)
		km_log("cannot start a supervisor of workers: %s", strerror(errno));
	else
		run(&master);
	km_signal_fd_close(&master.signals);
	return master.interrupts > 1 ? EXIT_INTERRUPTED : master.status;
}
