/* Processes that a master starts, and how they ended. */
#ifndef KM_MASTER_CHILD_H
#define KM_MASTER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct km_end {
	pid_t pid;
	int status; /* of waitpid */
} km_end;

/* Of processes that have another parent, which tells. */
typedef struct km_ends {
	km_end *told;
	size_t count, capacity;
} km_ends;

/* Forks, with nothing left in the buffers of stdio. A child has the `signals` unblocked, those that
 * a terminal sends to all its processes do nothing to it, and it gets SIGTERM when its parent is
 * gone. */
pid_t km_child_fork(const sigset_t *signals);
/* Whether a process has ended, with its status; true once. One that is no child has when `others`
 * says so; without `others` (NULL) every such one has. */
bool km_child_ended(km_ends *others, pid_t pid, int *status);
/* Forgets an end for which there is no room. */
void km_ends_add(km_ends *ends, km_end end);

#endif
