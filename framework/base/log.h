/* Messages for the person at the console: one line each, on standard error. */
#ifndef KM_BASE_LOG_H
#define KM_BASE_LOG_H

#include <komori/base.h>

/* Prints "komori: " and the message as one write; control bytes other than the final newline come
 * out as \xNN, so that nothing a peer sent reaches the terminal raw. Thread-safe. */
void km_log(const char *format, ...) KM_PRINTF(1, 2);

#endif
