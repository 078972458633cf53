/* Which profiles stay (PROFILE_KEEP). */
#ifndef KM_VIEWER_RETENTION_H
#define KM_VIEWER_RETENTION_H

#include "profiler/viewer/listing.h"

/* Marks in `kept`, of listing->count, all that stay: for each method and route the `keep` slowest,
 * the `keep` latest that failed and the `keep` latest; and what is no request of Komori's, or not
 * read yet. KM_ENOMEM. */
int km_retention_mark(bool *kept, const km_listing *listing, size_t keep);

#endif
