/* The workers of one supervisor: starts them, watches what they do, looks for their ends. */
#ifndef KM_MASTER_WORKER_POOL_H
#define KM_MASTER_WORKER_POOL_H

#include "framework/master/reports.h"

typedef struct km_worker_pool_options {
	uint32_t workers;    /* wanted at a time */
	uint32_t threads;    /* of each that run handlers, at least 1 */
	int64_t timeout_ns;  /* a thread may stay that long in the application; 0: for ever */
	int64_t graceful_ns; /* a worker that stops may take that long */
	bool threaded;	     /* handlers do not run on a worker's main thread, which gets signals */
	bool limits_itself;  /* a worker enforces timeout_ns itself, unless its loop hangs too */
	/* Serves until the worker is stopped, in a process of its own. Returns the exit status. */
	int (*serve)(void *context, km_worker_slot *slot);
	km_reports_options reports; /* its context and signals are those of `serve`, too */
} km_worker_pool_options;

typedef struct km_worker km_worker;

typedef struct km_worker_pool {
	km_worker_pool_options options;
	km_scoreboard scoreboard;
	km_worker *workers; /* one a slot */
	km_reports reports;
	unsigned short_lives;  /* workers in a row that ended before they served a request */
	int64_t next_start_ns; /* none is started before */
	bool serves;	       /* a worker has begun to serve */
	bool stopping;	       /* no worker is started any more */
	bool crowded;	       /* none can be: workers that stop take all slots */
} km_worker_pool;

/* Copies `options`, borrows what they point to. KM_ENOMEM with errno. */
int km_worker_pool_init(km_worker_pool *pool, const km_worker_pool_options *options);
void km_worker_pool_finish(km_worker_pool *pool);
/* Starts missing workers, looks for crashes, timeouts and ends. Returns the nanoseconds after which
 * it needs the next call at the latest. */
int64_t km_worker_pool_tend(km_worker_pool *pool);
/* Stops all workers (SIGTERM, once the handler that runs is done), and starts no more. Those that
 * take longer than graceful_ns are killed. */
void km_worker_pool_stop(km_worker_pool *pool);
/* Kills all workers, and starts no more. */
void km_worker_pool_kill(km_worker_pool *pool);
/* Makes the workers reopen their logs (SIGUSR1). */
void km_worker_pool_reopen_logs(km_worker_pool *pool);
/* Counts the processes that are left: workers and reports. */
size_t km_worker_pool_left(const km_worker_pool *pool);
/* Whether as many workers have begun to serve as are wanted. */
bool km_worker_pool_is_complete(const km_worker_pool *pool);

#endif
