/* Lists the callers or callees of every row in pstats' order. */
#ifndef KM_REPORT_PARTNERS_H
#define KM_REPORT_PARTNERS_H

#include "profiler/stats/stats.h"

typedef struct km_partner {
	uint32_t function; /* the other side */
	const km_stats_caller *pair;
} km_partner;

typedef struct km_partners {
	km_partner *partners; /* of function i: from first[i] up to first[i + 1], by (file, line,
				 name) */
	uint32_t *first;
} km_partners;

/* Borrows from `stats`. KM_ENOMEM. */
int km_partners_init(km_partners *partners, const km_stats *stats, bool callees);
/* Also after a failed init. */
void km_partners_finish(km_partners *partners);

#endif
