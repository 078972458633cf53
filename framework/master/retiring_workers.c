#include "framework/master/retiring_workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"

struct message {
	km_guard_order order;
	km_end end; /* of KM_GUARD_END */
};

/* In the guard. */
struct watch {
	km_worker_pool *pool;
	const km_guard_options *options;
	pid_t parent;
	int fd;
};

/* --- the guard --- */

static void obey(struct watch *watch, const struct message *message)
{
	switch (message->order) {
	case KM_GUARD_STOP:
		km_worker_pool_stop(watch->pool);
		break;
	case KM_GUARD_KILL:
		km_worker_pool_kill(watch->pool);
		break;
	case KM_GUARD_OPEN_LOGS:
		watch->options->reopen_logs(watch->options->context);
		km_worker_pool_reopen_logs(watch->pool);
		break;
	case KM_GUARD_END:
		km_ends_add(watch->pool->others, message->end);
		break;
	}
}

/* Signals wake, and are the parent's affair otherwise. */
static void wait_for_news(struct watch *watch, int64_t ns)
{
	struct pollfd fds[] = {
		{.fd = watch->fd, .events = POLLIN},
		{.fd = watch->pool->scoreboard.wake_fd, .events = POLLIN},
		{.fd = watch->options->signal_fd, .events = POLLIN},
	};
	const struct timespec patience = km_clock_timespec(ns);
	struct signalfd_siginfo signal;
	struct message message;

	if (ppoll(fds, sizeof fds / sizeof fds[0], &patience, NULL) <= 0)
		return;
	km_scoreboard_heed(&watch->pool->scoreboard);
	while (read(watch->options->signal_fd, &signal, sizeof signal) > 0)
		;
	while (read(watch->fd, &message, sizeof message) == sizeof message)
		obey(watch, &message);
}

/* Workers of a parent that is gone end by themselves. */
static void watch_workers(struct watch *watch)
{
	while (getppid() == watch->parent) {
		int64_t wait = km_worker_pool_tend(watch->pool);
		if (!km_worker_pool_left(watch->pool))
			return;
		wait_for_news(watch, wait);
	}
}

/* `begun` is at its end when the parent runs another program, or is gone. */
static void run(struct watch *watch, int begun)
{
	km_ends ends = {.capacity = km_worker_pool_left(watch->pool)};
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while (read(begun, &byte, 1) < 0 && errno == EINTR)
		;
	close(begun);
	ends.told = calloc(ends.capacity + 1, sizeof *ends.told);
	watch->pool->others = &ends;
	watch->pool->stopping = true;
	watch->options->leave(watch->options->context);
	if (ends.told)
		watch_workers(watch);
	free(ends.told);
	_exit(0);
}

/* --- its parent --- */

static void close_both(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static int fork_guard(km_guard *guard, km_worker_pool *pool, const km_guard_options *options,
		      const int orders[2], const int begun[2])
{
	struct watch watch = {pool, options, getpid(), orders[0]};

	guard->pid = fork();
	if (guard->pid == 0) {
		close(orders[1]);
		close(begun[1]);
		run(&watch, begun[0]);
	}
	if (guard->pid < 0)
		return KM_EIO;
	guard->fd = orders[1];
	guard->begin = begun[1];
	close(orders[0]);
	close(begun[0]);
	return 0;
}

int km_guard_start(km_guard *guard, km_worker_pool *pool, const km_guard_options *options)
{
	int orders[2], begun[2];

	*guard = (km_guard){0};
	if (km_worker_pool_hold(pool))
		return KM_EIO;
	if (pipe2(orders, O_CLOEXEC | O_NONBLOCK) == 0) {
		if (pipe2(begun, O_CLOEXEC) == 0) {
			if (fork_guard(guard, pool, options, orders, begun) == 0)
				return 0;
			close_both(begun);
		}
		close_both(orders);
	}
	km_worker_pool_release(pool);
	*guard = (km_guard){0};
	return KM_EIO;
}

void km_guard_cancel(km_guard *guard, km_worker_pool *pool)
{
	if (!guard->pid)
		return;
	kill(guard->pid, SIGKILL);
	while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(guard->fd);
	close(guard->begin);
	km_worker_pool_release(pool);
	*guard = (km_guard){0};
}

/* One that does not read any more is not waited for; one that is gone needs no telling. */
static void tell(const km_guard *guard, const struct message *message)
{
	if (write(guard->fd, message, sizeof *message) < 0 && errno != EPIPE)
		km_log("process %ld, which looks after the workers of the program before, does not "
		       "listen: %s",
		       (long)guard->pid, strerror(errno));
}

void km_guard_order_to(const km_guard *guard, km_guard_order order)
{
	tell(guard, &(struct message){.order = order});
}

void km_guard_tell_end(const km_guard *guard, km_end end)
{
	tell(guard, &(struct message){KM_GUARD_END, end});
}
