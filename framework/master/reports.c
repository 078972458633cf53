#include "framework/master/reports.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/base/log.h"
#include "framework/base/signal.h"

pid_t km_report_start(const km_worker_pool *pool, const km_worker_exit *loss)
{
	pid_t pid = km_child_fork(pool->options.signals);

	if (pid == 0) {
		km_signal_ignore(SIGTERM); /* the master waits for what is being told */
		pool->options.report(pool->options.context, loss);
		fflush(NULL);
		_exit(0);
	}
	if (pid < 0)
		km_log("cannot tell of worker %ld: %s", (long)loss->pid, strerror(errno));
	return pid > 0 ? pid : 0;
}

bool km_reports_add(km_worker_pool *pool, km_worker_exit *loss)
{
	km_report *free_one = NULL;

	for (size_t i = 0; i < KM_REPORTS_MAX && !free_one; i++)
		if (!pool->reports[i].pid)
			free_one = &pool->reports[i];
	if (!free_one) {
		km_log("worker %ld is gone, and too many ends are being told already",
		       (long)loss->pid);
		return false;
	}
	memcpy(pool->lost_slot, loss->slot, pool->scoreboard.slot_size);
	loss->slot = pool->lost_slot;
	free_one->pid = km_report_start(pool, loss);
	free_one->about = loss->pid;
	return free_one->pid != 0;
}

void km_reports_tend(km_worker_pool *pool)
{
	int status;

	for (size_t i = 0; i < KM_REPORTS_MAX; i++) {
		km_report *ended = &pool->reports[i];
		if (!ended->pid || !km_child_ended(pool->others, ended->pid, &status))
			continue;
		if (status != 0)
			km_log("what worker %ld left could not be told to the end",
			       (long)ended->about);
		ended->pid = 0;
		pool->options.forget(pool->options.context, ended->about);
	}
}
