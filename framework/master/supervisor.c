#include "framework/master/supervisor.h"

#include <errno.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/file_watch.h"
#include "framework/master/signal_fd.h"

#define WATCH_NS (KM_SECOND_NS / 2)

struct supervisor {
	const km_supervisor_options *options;
	km_worker_pool pool;
	km_signal_fd signals;
	pid_t master;
	km_file_watch watch;
	int64_t watched_ns; /* when the program's files were looked at */
	bool serves;	    /* a worker serves, or did */
	bool complete;	    /* all of them do, which the master knows */
};

static int supervisor_init(struct supervisor *supervisor, const km_supervisor_options *options)
{
	km_worker_pool_options pool = options->pool;

	*supervisor = (struct supervisor){.options = options, .master = getppid()};
	if (km_signal_fd_open(&supervisor->signals))
		return KM_EIO;
	pool.reports.signals = &supervisor->signals;
	if (km_worker_pool_init(&supervisor->pool, &pool))
		return KM_ENOMEM;
	return options->watched ? km_file_watch_init(&supervisor->watch, options->watched) : 0;
}

/* The signals stay blocked: one that comes late must not change the exit status. */
static void supervisor_finish(struct supervisor *supervisor)
{
	km_file_watch_finish(&supervisor->watch);
	km_worker_pool_finish(&supervisor->pool);
	close(supervisor->signals.fd);
}

static void signal_master(const struct supervisor *supervisor, int number)
{
	if (getppid() == supervisor->master)
		kill(supervisor->master, number);
}

/* Called after each wait, but looks less often: a file that is being written has to change between
 * two looks. */
static void watch(struct supervisor *supervisor)
{
	int64_t now = km_clock_monotonic_ns();

	if (now - supervisor->watched_ns < WATCH_NS)
		return;
	supervisor->watched_ns = now;
	if (km_file_watch_changed(&supervisor->watch))
		signal_master(supervisor, SIGHUP);
}

static void look_for_serving(struct supervisor *supervisor)
{
	if (supervisor->pool.serves && !supervisor->serves) {
		supervisor->serves = true;
		supervisor->options->serves(supervisor->pool.options.reports.context);
	}
	if (!supervisor->complete && km_worker_pool_is_complete(&supervisor->pool)) {
		supervisor->complete = true;
		signal_master(supervisor, KM_SIGNAL_SERVING);
	}
}

static void on_signal(struct supervisor *supervisor, const km_signal *signal)
{
	const km_supervisor_options *options = supervisor->options;

	switch (signal->number) {
	case SIGTERM:
		options->close_sockets(options->pool.reports.context);
		km_worker_pool_stop(&supervisor->pool);
		break;
	case SIGINT: /* a terminal sends it to all; the master alone decides */
		if (signal->sender == supervisor->master)
			km_worker_pool_kill(&supervisor->pool);
		break;
	case SIGUSR1:
		options->reopen_logs(options->pool.reports.context);
		km_worker_pool_reopen_logs(&supervisor->pool);
		break;
	default: /* SIGCHLD: the pool looks for ends */
		break;
	}
}

static void run(struct supervisor *supervisor)
{
	const km_scoreboard *scoreboard = &supervisor->pool.scoreboard;
	bool watches = supervisor->options->watched;
	km_signal signal;

	for (;;) {
		int64_t wait = km_worker_pool_tend(&supervisor->pool);
		look_for_serving(supervisor);
		if (supervisor->pool.stopping && !km_worker_pool_left(&supervisor->pool))
			return;
		km_signal_fd_wait(&supervisor->signals, scoreboard->wake_fd,
				  watches && wait > WATCH_NS ? WATCH_NS : wait);
		km_scoreboard_clear_wakes(scoreboard);
		while (km_signal_fd_next(&supervisor->signals, &signal))
			on_signal(supervisor, &signal);
		if (watches && !supervisor->pool.stopping)
			watch(supervisor);
	}
}

int km_supervisor_run(const km_supervisor_options *options)
{
	struct supervisor supervisor;
	int failed = supervisor_init(&supervisor, options);

	if (failed)
		km_log("cannot supervise workers: %s", strerror(errno));
	else
		run(&supervisor);
	failed = failed || (!supervisor.serves && supervisor.pool.short_lives);
	supervisor_finish(&supervisor);
	return failed ? 1 : 0;
}
