/* Links the children of every node of a call tree, for walks from the root that need no C stack. */
#ifndef KM_STATS_TREE_LINKS_H
#define KM_STATS_TREE_LINKS_H

#include "profiler/stats/tree.h"

/* By node; 0 for none, because the root has no parent. Siblings are in the order of the nodes. */
typedef struct km_tree_links {
	uint32_t *first_child, *next_sibling;
} km_tree_links;

/* KM_ENOMEM. */
int km_tree_links_init(km_tree_links *links, const km_tree *tree);
/* Also after a failed init. */
void km_tree_links_finish(km_tree_links *links);
/* Returns the node that follows `node` in depth-first order, or 0 behind the last. Updates `depth`
 * from that of `node` to that of the returned one. */
uint32_t km_tree_links_next(const km_tree_links *links, const km_tree *tree, uint32_t node,
			    uint32_t *depth);

#endif
