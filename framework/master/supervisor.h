/* A program's supervisor: keeps its workers at work, limits and reports them, and ends when the
 * last one has ended. Its parent is the master. */
#ifndef KM_MASTER_SUPERVISOR_H
#define KM_MASTER_SUPERVISOR_H

#include "framework/master/worker_pool.h"

typedef struct km_supervisor_options {
	km_worker_pool_options pool; /* without `reports.signals`, which the supervisor sets */
	const char
		*watched; /* file of the program; the master learns when it changes. NULL: none */
	/* Called when the first worker serves. */
	void (*serves)(void *context);
	/* Closes this process's sockets: no worker is started any more. */
	void (*close_sockets)(void *context);
	void (*reopen_logs)(void *context);
} km_supervisor_options; /* the context is that of the reports */

/* Supervises until SIGTERM, or SIGINT of the master, which kills the workers. Returns the exit
 * status: 0 when a worker has served. In a worker, does not return. */
int km_supervisor_run(const km_supervisor_options *options);

#endif
