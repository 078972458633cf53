/* Whether somebody debugs a process. */
#ifndef KM_BASE_DEBUGGER_H
#define KM_BASE_DEBUGGER_H

#include <stdbool.h>
#include <sys/types.h>

bool km_debugger_attached(pid_t pid);

#endif
