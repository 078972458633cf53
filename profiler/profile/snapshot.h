/* A recording as plain arrays, with names: from the recorder to the stats engine. */
#ifndef KM_PROFILE_SNAPSHOT_H
#define KM_PROFILE_SNAPSHOT_H

#include "profiler/record/recorder.h"
#include "profiler/stats/tree.h"

/* How the function of an id is named, for good; not for the root's id 0. NULL when memory ran out.
 * Not thread-safe, as is km_snapshot_new. */
const km_function *km_snapshot_key(uint32_t id);

/* The tree of a recorder that is stopped. `root_name` names the root row and must outlive the tree.
 * `probe_seconds` is the measured cost of one recorded call. NULL when memory ran out. */
km_tree *km_snapshot_new(km_recorder *recorder, const char *root_name, double probe_seconds);
/* Accepts NULL. */
void km_snapshot_free(km_tree *tree);

#endif
