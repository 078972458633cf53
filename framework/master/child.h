/* Child processes of a master or a supervisor. */
#ifndef KM_MASTER_CHILD_H
#define KM_MASTER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Forks, after writing the buffers of stdio, which would otherwise be written twice. The child
 * unblocks `unblocked`, ignores what a terminal sends to all its processes, and gets SIGTERM when
 * its parent dies. Returns as fork does. */
pid_t km_child_fork(const sigset_t *unblocked);
/* Returns true once a child has ended, with its status of waitpid. */
bool km_child_ended(pid_t pid, int *status);

#endif
