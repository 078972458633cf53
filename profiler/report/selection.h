/* Selects the rows of a listing, as pstats' get_print_list does. */
#ifndef KM_REPORT_SELECTION_H
#define KM_REPORT_SELECTION_H

#include "framework/base/buffer.h"
#include "profiler/stats/stats.h"

typedef struct km_selection {
	uint32_t *rows;
	uint32_t count;
	uint32_t widest;  /* characters of the longest label of these rows */
	km_buffer header; /* the order line and one line for each restriction that had an effect */
} km_selection;

/* KM_ENOMEM. */
int km_selection_init(km_selection *selection, const km_stats *stats,
		      const km_restrictions *restrictions);
/* Also after a failed init. */
void km_selection_finish(km_selection *selection);

#endif
