/* The report of one request, framed as Werkzeug frames it. */
#ifndef KM_MIDDLEWARE_CONSOLE_REPORT_H
#define KM_MIDDLEWARE_CONSOLE_REPORT_H

#include <komori/profiler.h>

/* Writes the table to `stream` at once, so that reports of several threads do not mix. `lost` is
 * NULL, or the outcome of a request that its process did not survive: then the outcome and the
 * stack at death follow. KM_E* with a line in `error`. */
int km_console_report(FILE *stream, km_profile *profile, km_str path, const char *sort_by,
		      const char *restrictions, const char *lost, char *error, size_t error_size);

#endif
