#include "framework/master/reports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/log.h"
#include "framework/base/signal.h"
#include "framework/master/child.h"
#include "framework/master/crash.h"

int km_reports_init(km_reports *reports, const km_reports_options *options, size_t slot_size)
{
	*reports = (km_reports){
		.options = *options,
		.slot = malloc(slot_size),
		.slot_size = slot_size,
	};
	return reports->slot ? 0 : KM_ENOMEM;
}

void km_reports_finish(km_reports *reports)
{
	free(reports->slot);
	reports->slot = NULL;
}

static pid_t start(const km_reports *reports, const km_worker_exit *end)
{
	pid_t pid = km_child_fork(&reports->options.signals->handled);

	if (pid == 0) {
		km_signal_ignore(SIGTERM); /* the supervisor waits for the report */
		reports->options.report(reports->options.context, end);
		fflush(NULL);
		_exit(0);
	}
	if (pid < 0)
		km_log("cannot report worker %ld: %s", (long)end->pid, strerror(errno));
	return pid > 0 ? pid : 0;
}

/* Called when a report has ended, or there is none. */
static void release(const km_reports *reports, pid_t worker, km_crash *crash)
{
	if (crash)
		km_crash_printed(crash);
	else
		reports->options.discard(reports->options.context, worker);
}

void km_reports_add(km_reports *reports, const km_worker_exit *end, km_crash *crash)
{
	km_worker_exit reported = *end;
	km_report *report = NULL;

	for (size_t i = 0; i < KM_REPORTS_MAX && !report; i++)
		if (!reports->all[i].pid)
			report = &reports->all[i];
	if (!report) {
		km_log("worker %ld is not reported: %d reports are under way", (long)end->pid,
		       KM_REPORTS_MAX);
		release(reports, end->pid, crash);
		return;
	}
	if (!crash)
		reported.slot = memcpy(reports->slot, end->slot, reports->slot_size);
	*report = (km_report){start(reports, &reported), end->pid, crash};
	if (!report->pid)
		release(reports, end->pid, crash);
}

void km_reports_tend(km_reports *reports)
{
	int status;

	for (size_t i = 0; i < KM_REPORTS_MAX; i++) {
		km_report *report = &reports->all[i];
		if (!report->pid || !km_child_ended(report->pid, &status))
			continue;
		report->pid = 0;
		if (status != 0)
			km_log("the report of worker %ld is not complete: its process failed",
			       (long)report->worker);
		release(reports, report->worker, report->crash);
	}
}

size_t km_reports_left(const km_reports *reports)
{
	size_t left = 0;

	for (size_t i = 0; i < KM_REPORTS_MAX; i++)
		left += reports->all[i].pid != 0;
	return left;
}
