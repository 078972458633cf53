/* Logs one line for each message, on standard error. */
#ifndef KM_BASE_LOG_H
#define KM_BASE_LOG_H

#include <komori/base.h>
#include <stdbool.h>

/* Writes "komori: " and the message with one write. Escapes control bytes as \xNN, so that a peer
 * cannot send them to the terminal. Thread-safe. */
void km_log(const char *format, ...) KM_PRINTF(1, 2) __attribute__((cold));
/* Limits a message that may repeat to one a second. Returns true, and sets `*last`, when a second
 * has passed since then. `*last` starts at 0. */
bool km_log_is_due(int64_t *last);

#endif
