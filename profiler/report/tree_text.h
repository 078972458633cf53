/* The exact call tree as text: a line for each path, indented. */
#ifndef KM_REPORT_TREE_TEXT_H
#define KM_REPORT_TREE_TEXT_H

#include "profiler/stats/tree.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct km_tree_text_options {
	uint32_t depth; /* paths of more calls below the root are not shown; UINT32_MAX: all are */
	double least_share; /* nor those that took less of the root's time: 0.01 is 1 % */
	bool bold;	    /* the hottest path, for a terminal */
} km_tree_text_options;

/* Siblings of one function are one path; they stand by total time. The hottest path has an
 * asterisk: from the root to the child with the most time, as long as that is more than the
 * function spends itself. Whatever the depth of the tree, neither the C stack nor a line's
 * indentation grows with it. Memory is in proportion to the tree. KM_EIO with errno, KM_ENOMEM. */
int km_tree_text_write(FILE *stream, const km_tree *tree, const km_tree_text_options *options);

#endif
