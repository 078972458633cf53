/* Which paths have been answered quickly so far: a small memory of what handlers took. */
#ifndef KM_SERVER_QUICK_PATHS_H
#define KM_SERVER_QUICK_PATHS_H

#include <komori/base.h>
#include <stdbool.h>

enum { KM_QUICK_PATHS = 1024 };

/* By a hash of method and path: 0 not known, 1 quick, 2 was slow once. Zeroed: nothing is known. */
typedef struct km_quick_paths {
	uint8_t known[KM_QUICK_PATHS];
} km_quick_paths;

/* Index for the two functions below. `target` with its query, which does not count. */
uint32_t km_quick_paths_index(km_str method, km_str target);
bool km_quick_paths_expect(const km_quick_paths *paths, uint32_t index);
/* One call took `ns`. */
void km_quick_paths_note(km_quick_paths *paths, uint32_t index, int64_t ns);

#endif
