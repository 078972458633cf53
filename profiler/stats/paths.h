/* Numbers the paths of call trees: siblings of one function are one path, and two trees share the
 * numbers of their common paths. */
#ifndef KM_STATS_PATHS_H
#define KM_STATS_PATHS_H

#include "profiler/stats/pairs.h"
#include "profiler/stats/tree.h"

/* The path of the root, whatever its function: the roots of two trees are one path. */
enum { KM_PATH_ROOT = 0 };

/* Writes the path of each node to `number`, which has room for all nodes. `paths` is empty or has
 * the paths of another tree. A pair is (path of the caller, function); callers come first.
 * `function_of` maps the functions of the tree; NULL keeps them. Does not change the tallies.
 * KM_ENOMEM. */
int km_paths_number(km_pairs *paths, const km_tree *tree, const uint32_t *function_of,
		    uint32_t *number);

#endif
