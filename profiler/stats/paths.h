/* The paths of call trees, each once: siblings of one function are one path, and two trees can be
 * laid over each other. */
#ifndef KM_STATS_PATHS_H
#define KM_STATS_PATHS_H

#include "profiler/stats/pairs.h"
#include "profiler/stats/tree.h"

/* The root's path: its caller is itself, and its function is not looked at, so that the roots of
 * two trees are one path whatever they are called. */
enum { KM_PATH_ROOT = 0 };

/* Numbers the path of each node in `number` (room for all nodes). `paths` is empty or has the paths
 * of another tree; a pair is (number of the caller's path, function), callers stand before what
 * they call. `function_of` translates the tree's functions, NULL: they stay. The tallies are left
 * alone. KM_ENOMEM. */
int km_paths_number(km_pairs *paths, const km_tree *tree, const uint32_t *function_of,
		    uint32_t *number);

#endif
