/* Prints the text that pstats prints, byte for byte (CPython Lib/pstats.py). */
#ifndef KM_REPORT_PSTATS_TEXT_H
#define KM_REPORT_PSTATS_TEXT_H

#include "framework/base/buffer.h"
#include "profiler/stats/stats.h"

#include <stdio.h>

typedef enum km_pstats_listing {
	KM_PSTATS_STATS,
	KM_PSTATS_CALLERS,
	KM_PSTATS_CALLEES,
} km_pstats_listing;

/* Writes one listing to `stream`: rows in their sorted order, cut down by `restrictions` (NULL:
 * all), with names as stored. Holds little of the text in memory. `bold` marks the titles for a
 * terminal. KM_EIO with errno, KM_ENOMEM. */
int km_pstats_write(FILE *stream, km_pstats_listing listing, const km_stats *stats,
		    const km_restrictions *restrictions, bool bold);

/* Appends one listing to `out`. KM_ENOMEM. */
int km_pstats_append(km_buffer *out, km_pstats_listing listing, const km_stats *stats,
		     const km_restrictions *restrictions);

#endif
