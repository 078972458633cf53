/* Which paths were answered quickly so far: a small memory of what handlers took. */
#ifndef KM_SERVER_THREADS_QUICK_PATHS_H
#define KM_SERVER_THREADS_QUICK_PATHS_H

#include <komori/base.h>

#include "framework/server/threads/pool.h"

enum { KM_QUICK_PATHS = 1024 };

/* By a hash of method and path. Zeroed: nothing is known. */
typedef struct km_quick_paths {
	uint8_t known[KM_QUICK_PATHS];
} km_quick_paths;

/* Index for the two functions below. `target` with its query, which does not count. */
uint32_t km_quick_paths_index(km_str method, km_str target);
/* What to expect of a call that is about to be made. Of those that begin before the first one has
 * ended, only the first is new, and the others may be as slow as that one. */
km_job_kind km_quick_paths_expect(km_quick_paths *paths, uint32_t index);
/* A call took `ns`. */
void km_quick_paths_note(km_quick_paths *paths, uint32_t index, int64_t ns);

#endif
