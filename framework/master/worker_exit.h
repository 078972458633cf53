/* What there is to say of a worker that crashes, or is gone before it was told to go. */
#ifndef KM_MASTER_WORKER_EXIT_H
#define KM_MASTER_WORKER_EXIT_H

#include "framework/master/scoreboard.h"

typedef struct km_worker_exit {
	pid_t pid;
	bool crashing; /* it waits until its stack is printed, and dies then; status says nothing */
	bool told;     /* that it ended before it served a request is on the log */
	int status;    /* of waitpid */
	int64_t timeout_ns; /* how long a request ran that was longer than TIMEOUT; else 0 */
	int64_t at_ns;	    /* CLOCK_MONOTONIC of its end as far as known */
	const km_worker_slot *slot;
	const km_crash_stack *stack; /* of one that is crashing */
} km_worker_exit;

/* "killed: SIGKILL", "exited with status 3"; in `buffer`. */
const char *km_worker_exit_describe(const km_worker_exit *loss, char *buffer, size_t size);
/* What the thread was serving when the worker died; NULL when no thread served anything. */
const km_request_slot *km_worker_exit_request(const km_worker_exit *loss);

#endif
