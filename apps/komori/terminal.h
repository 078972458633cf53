/* Output that depends on whether it goes to a terminal. */
#ifndef KOMORI_TERMINAL_H
#define KOMORI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Whether `stream` is a terminal that may get colours and bold text (https://no-color.org). */
bool terminal_has_colour(FILE *stream);
/* Prints "reading a.prof ..." on standard error, when that is a terminal, unless progress_end is
 * called within a second. Calls do not nest. */
void progress_begin(const char *what, const char *path);
void progress_end(void);

#endif
