#include "profiler/stats/paths.h"

#include <komori/base.h>

int km_paths_number(km_pairs *paths, const km_tree *tree, const uint32_t *function_of,
		    uint32_t *number)
{
	/* UINT32_MAX is no function. */
	number[0] = km_pairs_find(paths, KM_PATH_ROOT, UINT32_MAX);
	if (number[0] == UINT32_MAX)
		return KM_ENOMEM;
	for (uint32_t i = 1; i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		uint32_t function = function_of ? function_of[node->function] : node->function;
		number[i] = km_pairs_find(paths, number[node->parent], function);
		if (number[i] == UINT32_MAX)
			return KM_ENOMEM;
	}
	return 0;
}
