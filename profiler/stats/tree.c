#include "profiler/stats/tree.h"

#include <komori/base.h>
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

int km_tree_links_init(km_tree_links *links, const km_tree *tree)
{
	links->first_child = calloc(tree->node_count, sizeof *links->first_child);
	links->next_sibling = calloc(tree->node_count, sizeof *links->next_sibling);
	if (!links->first_child || !links->next_sibling)
		return KM_ENOMEM;
	for (uint32_t i = tree->node_count; --i > 0;) {
		uint32_t parent = tree->nodes[i].parent;
		links->next_sibling[i] = links->first_child[parent];
		links->first_child[parent] = i;
	}
	return 0;
}

void km_tree_links_finish(km_tree_links *links)
{
	free(links->first_child);
	free(links->next_sibling);
}

uint32_t km_tree_links_next(const km_tree_links *links, const km_tree *tree, uint32_t node,
			    uint32_t *depth)
{
	if (links->first_child[node]) {
		++*depth;
		return links->first_child[node];
	}
	while (node != 0 && !links->next_sibling[node]) {
		node = tree->nodes[node].parent;
		--*depth;
	}
	return node ? links->next_sibling[node] : 0;
}
