/* The text that pstats prints, byte for byte (CPython Lib/pstats.py). */
#ifndef KM_REPORT_PSTATS_TEXT_H
#define KM_REPORT_PSTATS_TEXT_H

#include "framework/base/buffer.h"
#include "profiler/stats/stats.h"

/* Each appends one listing to `out`, rows in their sorted order, cut down by `restrictions` (NULL:
 * all). Names are printed as stored. KM_ENOMEM. */
int km_pstats_print_stats(km_buffer *out, const km_stats *stats,
			  const km_restrictions *restrictions);
int km_pstats_print_callers(km_buffer *out, const km_stats *stats,
			    const km_restrictions *restrictions);
int km_pstats_print_callees(km_buffer *out, const km_stats *stats,
			    const km_restrictions *restrictions);

#endif
