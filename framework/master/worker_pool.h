/* The workers of one master: starts them, watches what they do, learns of their end. */
#ifndef KM_MASTER_WORKER_POOL_H
#define KM_MASTER_WORKER_POOL_H

#include <signal.h>

#include "framework/master/child.h"
#include "framework/master/worker_exit.h"

typedef struct km_worker_pool_options {
	uint32_t workers;    /* wanted at a time */
	uint32_t threads;    /* of each that run handlers, at least 1 */
	int64_t timeout_ns;  /* a thread may stay that long in the application; 0: for ever */
	int64_t graceful_ns; /* a worker that was told to stop may take that long */
	bool threaded; /* handlers do not run on a worker's main thread, which gets the signals */
	bool limits_itself; /* a worker looks after the time-out itself, unless its loop hangs too
			     */
	/* In a new worker: leaves what is the master's alone. */
	void (*leave)(void *leave_context);
	void *leave_context;
	/* In a new process: serves until told to stop, returns the exit status. */
	int (*serve)(void *context, km_worker_slot *slot);
	/* In a process of its own: tells of a worker. */
	void (*report)(void *context, const km_worker_exit *loss);
	/* In the master, after a report that itself crashed: what `pid` left can be thrown away. */
	void (*forget)(void *context, pid_t pid);
	void *context;
	const sigset_t *signals; /* to unblock in new processes */
} km_worker_pool_options;

typedef struct km_worker km_worker;

/* A process that tells of a worker's end. */
typedef struct km_report {
	pid_t pid; /* 0: none */
	pid_t about;
} km_report;

enum { KM_REPORTS_MAX = 64 };

typedef struct km_worker_pool {
	km_worker_pool_options options;
	km_scoreboard scoreboard;
	km_worker *workers; /* one a slot */
	km_report reports[KM_REPORTS_MAX];
	km_worker_slot *lost_slot; /* room for a copy */
	unsigned short_lives;	   /* workers in a row that died before they were of use */
	int64_t next_start_ns;	   /* not before */
	bool stopping;		   /* no worker is started any more */
	bool crowded;		   /* none can be: all places are taken by those on their way out */
	km_ends *others; /* the workers have another parent, which tells of their ends; else NULL */
} km_worker_pool;

/* KM_ENOMEM with errno. `options` is copied, what it points to is borrowed. */
int km_worker_pool_init(km_worker_pool *pool, const km_worker_pool_options *options);
void km_worker_pool_finish(km_worker_pool *pool);
/* Starts missing workers, looks at crashes, time-outs and ends. Returns the nanoseconds after which
 * it wants to be called again at the latest. */
int64_t km_worker_pool_tend(km_worker_pool *pool);
/* Tells all workers to stop (SIGTERM, once the handler that runs is done), and starts no more.
 * Those that take longer than graceful_ns are killed. */
void km_worker_pool_stop(km_worker_pool *pool);
/* Kills all workers. */
void km_worker_pool_kill(km_worker_pool *pool);
/* Tells the workers to open their logs again (SIGUSR1). */
void km_worker_pool_reopen_logs(km_worker_pool *pool);
/* Processes that are left: workers and those that report. */
size_t km_worker_pool_left(const km_worker_pool *pool);
/* Whether as many serve as are wanted. */
bool km_worker_pool_serves(const km_worker_pool *pool);
/* All that are left (km_worker_pool_left), for a program that takes over. */
void km_worker_pool_pids(const km_worker_pool *pool, pid_t *pids);
/* Makes signals to the present workers safe for a child of this process, which is not told at once
 * when a pid becomes another process's. KM_EIO with errno where the system has no pidfds. */
int km_worker_pool_hold(km_worker_pool *pool);
/* There is no such child after all. */
void km_worker_pool_release(km_worker_pool *pool);

#endif
