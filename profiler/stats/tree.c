#include "profiler/stats/tree.h"

#include <stdlib.h>

void km_tree_free(km_tree *tree)
{
	if (!tree)
		return;
	free(tree->functions);
	free(tree->nodes);
	free(tree->folded);
	free(tree);
}
