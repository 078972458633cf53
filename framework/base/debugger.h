/* Detects a debugger. */
#ifndef KM_BASE_DEBUGGER_H
#define KM_BASE_DEBUGGER_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether a debugger is attached to the process. */
bool km_debugger_attached(pid_t pid);

#endif
