/* The packed columns of a call tree in a .prof file: little-endian numbers, one bytes object for
 * each member of the tree's nodes and folded calls (docs/prof-format.md). */
#ifndef KM_DUMP_CALL_TREE_COLUMNS_H
#define KM_DUMP_CALL_TREE_COLUMNS_H

#include "profiler/dump/marshal_writer.h"
#include "profiler/stats/tree.h"

#include <komori/base.h>
#include <stdbool.h>

enum { KM_CALL_TREE_COLUMNS = 9 };

/* The bytes as stored; no ptr for a column that is missing. Zero-initialised is empty. */
typedef struct km_call_tree_columns {
	km_str bytes[KM_CALL_TREE_COLUMNS];
} km_call_tree_columns;

/* Writes key and value of each column of the tree's nodes, or of its folded calls. */
void km_call_tree_columns_write_nodes(km_marshal_writer *out, const km_tree *tree);
void km_call_tree_columns_write_folded(km_marshal_writer *out, const km_tree *tree);

/* Where the bytes of a column go; NULL when `key` is not a column's. */
km_str *km_call_tree_columns_find(km_call_tree_columns *columns, const char *key);
/* Makes nodes and folded of `tree`, whose functions and other are set. KM_EINVAL: `problem`, a
 * static text, says what is wrong with the call tree. KM_ENOMEM. The tree owns what was made, after
 * a failure too. */
int km_call_tree_columns_read(const km_call_tree_columns *columns, km_tree *tree,
			      const char **problem);

#endif
