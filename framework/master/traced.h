/* Whether somebody debugs a process. */
#ifndef KM_MASTER_TRACED_H
#define KM_MASTER_TRACED_H

#include <stdbool.h>
#include <sys/types.h>

bool km_process_is_traced(pid_t pid);

#endif
