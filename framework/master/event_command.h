/* Runs the command that wants to know of an event (ON_EVENT). */
#ifndef KM_MASTER_EVENT_COMMAND_H
#define KM_MASTER_EVENT_COMMAND_H

#include <komori/base.h>

/* Runs `command` in a shell, with `json` and a newline on its standard input, and waits for it;
 * after `seconds` it is stopped. Says on the log when it fails. SIGPIPE must not end the caller.
 * Not for the master itself. */
void km_event_command_run(const char *command, km_str json, int seconds);

#endif
