/* What depends on who looks at the output. */
#ifndef KOMORI_TERMINAL_H
#define KOMORI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Whether `stream` is a terminal that may get colours and bold text (https://no-color.org). */
bool terminal_has_colour(FILE *stream);
/* From here up to progress_end, what takes longer than a second is said on standard error, when
 * that is a terminal: "reading a.prof ...". One at a time. */
void progress_begin(const char *what, const char *path);
void progress_end(void);

#endif
