/* What stays of a program that another one replaces in the same process: a child of it that looks
 * after its workers to their end, with the memory that they share. Their parent is the new program,
 * which tells it of their ends. */
#ifndef KM_MASTER_RETIRING_WORKERS_H
#define KM_MASTER_RETIRING_WORKERS_H

#include "framework/master/worker_pool.h"

/* As its parent knows it. */
typedef struct km_guard {
	pid_t pid; /* 0: there is none */
	int fd;	   /* where it is told; close-on-exec */
	int begin; /* the end of this descriptor lets it begin; of the program that started it only
		    */
} km_guard;

typedef enum km_guard_order {
	KM_GUARD_STOP,	    /* the workers are to stop */
	KM_GUARD_KILL,	    /* at once */
	KM_GUARD_OPEN_LOGS, /* again */
	KM_GUARD_END,	    /* one of them has ended; for km_guard_tell_end */
} km_guard_order;

typedef struct km_guard_options {
	int signal_fd; /* a signalfd of signals that stay blocked */
	/* Leaves all that only a master needs. Its child can also end by itself from then on. */
	void (*leave)(void *context);
	void (*reopen_logs)(void *context);
	void *context; /* of both */
} km_guard_options;

/* Starts it; it does nothing before this process runs another program. KM_EIO with errno; then
 * `guard` is zeroed. In the child, does not return. */
int km_guard_start(km_guard *guard, km_worker_pool *pool, const km_guard_options *options);
/* No other program runs after all. */
void km_guard_cancel(km_guard *guard, km_worker_pool *pool);
void km_guard_order_to(const km_guard *guard, km_guard_order order);
void km_guard_tell_end(const km_guard *guard, km_end end);

#endif
