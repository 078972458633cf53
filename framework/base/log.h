/* Messages for the person at the console: one line each, on standard error. */
#ifndef KM_BASE_LOG_H
#define KM_BASE_LOG_H

#include <komori/base.h>
#include <stdbool.h>

/* Prints "komori: " and the message as one write; control bytes other than the final newline come
 * out as \xNN, so that nothing a peer sent reaches the terminal raw. Thread-safe. */
void km_log(const char *format, ...) KM_PRINTF(1, 2) __attribute__((cold));
/* Whether a message that could repeat without end may be printed again: a second has passed since
 * `*last`, which is then set. Starts at 0. */
bool km_log_is_due(int64_t *last);

#endif
