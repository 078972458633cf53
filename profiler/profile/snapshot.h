/* Copies a recording into plain arrays with names, which the stats engine reads. */
#ifndef KM_PROFILE_SNAPSHOT_H
#define KM_PROFILE_SNAPSHOT_H

#include "profiler/record/recorder.h"
#include "profiler/stats/tree.h"

/* Makes the tree of a recorder that is stopped. `root_name` names the root row and must outlive the
 * tree. Returns NULL when memory ran out. Requires km_process_lock. */
km_tree *km_snapshot_new(km_recorder *recorder, const char *root_name);

#endif
