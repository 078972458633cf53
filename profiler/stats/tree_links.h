/* The children of every node of a call tree: for walks from the root down that need no C stack,
 * however deep the tree is. */
#ifndef KM_STATS_TREE_LINKS_H
#define KM_STATS_TREE_LINKS_H

#include "profiler/stats/tree.h"

/* By node; 0 for none, for the root is nobody's child. Siblings are in the order of the nodes. */
typedef struct km_tree_links {
	uint32_t *first_child, *next_sibling;
} km_tree_links;

/* KM_ENOMEM. */
int km_tree_links_init(km_tree_links *links, const km_tree *tree);
/* Accepts what a failed init left. */
void km_tree_links_finish(km_tree_links *links);
/* The node that follows `node` in depth-first order, 0 behind the last. `depth` is that of `node`
 * and becomes that of the node returned. */
uint32_t km_tree_links_next(const km_tree_links *links, const km_tree *tree, uint32_t node,
			    uint32_t *depth);

#endif
