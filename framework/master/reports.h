/* The processes that report workers which crash or are lost. */
#ifndef KM_MASTER_REPORTS_H
#define KM_MASTER_REPORTS_H

#include "framework/master/signal_fd.h"
#include "framework/master/worker_exit.h"

typedef struct km_reports_options {
	/* Reports a worker, in a process of its own. */
	void (*report)(void *context, const km_worker_exit *end);
	/* Frees what the worker `pid` recorded, once it is reported, or will not be. */
	void (*discard)(void *context, pid_t pid);
	void *context;
	const km_signal_fd *signals; /* to unblock in those processes */
} km_reports_options;

typedef struct km_report {
	pid_t pid;	 /* 0: none */
	pid_t worker;	 /* that it is about */
	km_crash *crash; /* of a worker that waits for the report; NULL: the worker is gone */
} km_report;

enum { KM_REPORTS_MAX = 64 };

typedef struct km_reports {
	km_reports_options options;
	km_report all[KM_REPORTS_MAX];
	km_worker_slot *slot; /* room for a copy */
	size_t slot_size;
} km_reports;

/* Copies `options`. KM_ENOMEM. */
int km_reports_init(km_reports *reports, const km_reports_options *options, size_t slot_size);
void km_reports_finish(km_reports *reports);
/* Starts the report of a worker that crashes (`crash`), which may die once that is printed; or of
 * one that is gone (NULL), whose slot is free on return. The report is a process of its own because
 * it takes time and reads memory that a crash may have damaged. */
void km_reports_add(km_reports *reports, const km_worker_exit *end, km_crash *crash);
/* Looks for reports that have ended. */
void km_reports_tend(km_reports *reports);
/* Reports under way. */
size_t km_reports_left(const km_reports *reports);

#endif
