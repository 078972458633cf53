/* Prints the exact call tree as text: a line for each path, indented. */
#ifndef KM_REPORT_TREE_TEXT_H
#define KM_REPORT_TREE_TEXT_H

#include "profiler/stats/tree.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct km_tree_text_options {
	uint32_t depth;	    /* calls below the root; deeper paths are hidden; UINT32_MAX: none */
	double least_share; /* of the root's time; paths below it are hidden: 0.01 is 1 % */
	bool bold;	    /* marks the hottest path for a terminal */
} km_tree_text_options;

/* Sums siblings of one function to one path and sorts siblings by total time. An asterisk marks the
 * hottest path: from the root to the child with the most time, while that is more than the function
 * spends itself. Neither the C stack nor the indentation grows with the depth of the tree; memory
 * is in proportion to the tree. KM_EIO with errno, KM_ENOMEM. */
int km_tree_text_write(FILE *stream, const km_tree *tree, const km_tree_text_options *options);

#endif
