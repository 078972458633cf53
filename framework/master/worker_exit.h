/* What is known of a worker that crashes, or that is gone although it was not stopped. */
#ifndef KM_MASTER_WORKER_EXIT_H
#define KM_MASTER_WORKER_EXIT_H

#include "framework/master/scoreboard.h"

typedef struct km_worker_exit {
	pid_t pid;
	bool crashing;	    /* it waits until its stack is printed; `status` is not known yet */
	bool logged;	    /* the log has that it ended before it served a request */
	int status;	    /* of waitpid */
	int64_t timeout_ns; /* how long a request ran that was longer than TIMEOUT; else 0 */
	int64_t at_ns;	    /* CLOCK_MONOTONIC of its end as far as known */
	const km_worker_slot *slot;
	const km_crash_stack *stack; /* of one that is crashing */
} km_worker_exit;

/* Writes "killed: SIGKILL" or "exited with status 3" into `buffer`, and returns that. */
const char *km_worker_exit_describe(const km_worker_exit *end, char *buffer, size_t size);
/* Returns the request that the worker was lost with: of the thread that crashed or timed out, else
 * the longest one. NULL when no thread served any. */
const km_request_slot *km_worker_exit_request(const km_worker_exit *end);

#endif
