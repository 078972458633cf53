/* The packed columns of a call tree in a .prof file, which become the tree's arrays. */
#ifndef KM_DUMP_CALL_TREE_COLUMNS_H
#define KM_DUMP_CALL_TREE_COLUMNS_H

#include "profiler/stats/tree.h"

#include <komori/base.h>
#include <stdbool.h>

enum { KM_CALL_TREE_COLUMNS = 9 };

/* As stored; no ptr for a column that was not there. Zero-initialised is empty. */
typedef struct km_call_tree_columns {
	km_str bytes[KM_CALL_TREE_COLUMNS];
} km_call_tree_columns;

bool km_call_tree_is_column(const char *key);
/* For a key that is one. Borrows the bytes. */
void km_call_tree_columns_put(km_call_tree_columns *columns, const char *key, km_str bytes);
/* Makes nodes and folded of `tree`, whose functions and other are there. KM_EINVAL: `problem`,
 * static, says what is wrong with the call tree. KM_ENOMEM. What was made is left to the tree's
 * owner. */
int km_call_tree_columns_make(const km_call_tree_columns *columns, km_tree *tree,
			      const char **problem);

#endif
