/* Runs the command that receives events (ON_EVENT). */
#ifndef KM_MASTER_EVENT_COMMAND_H
#define KM_MASTER_EVENT_COMMAND_H

#include <komori/base.h>

/* Runs `command` in a shell, with `json` and a newline on its standard input, waits for its end,
 * and kills it after `seconds`. Logs failures. SIGPIPE must not end the caller. Called in the
 * process of a report, not in the supervisor. */
void km_event_command_run(const char *command, km_str json, int seconds);

#endif
