/* Chooses the profiles that stay (PROFILE_KEEP). */
#ifndef KM_VIEWER_RETENTION_H
#define KM_VIEWER_RETENTION_H

#include "profiler/viewer/listing.h"

/* Marks the files that stay in `kept`, which has listing->count flags: for each method and route
 * the `keep` slowest, the `keep` latest that failed and the `keep` latest. Files that are not
 * profiles of requests, or not read yet, stay too. KM_ENOMEM. */
int km_retention_mark(bool *kept, const km_listing *listing, size_t keep);

#endif
