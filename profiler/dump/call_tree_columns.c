#include "profiler/dump/call_tree_columns.h"

#include <endian.h>
#include <stdlib.h>

typedef enum column_name {
	NODE_FUNCTION,
	NODE_PARENT,
	NODE_CALLS,
	NODE_TICKS,
	FOLDED_FUNCTION,
	FOLDED_CALLS,
	FOLDED_PRIMITIVE_CALLS,
	FOLDED_OWN_TICKS,
	FOLDED_CUMULATIVE_TICKS,
} column_name;

static const struct {
	const char *key;
	size_t width; /* bytes a number */
} layout[KM_CALL_TREE_COLUMNS] = {
	[NODE_FUNCTION] = {"node_function", 4},
	[NODE_PARENT] = {"node_parent", 4},
	[NODE_CALLS] = {"node_calls", 8},
	[NODE_TICKS] = {"node_ticks", 8},
	[FOLDED_FUNCTION] = {"folded_function", 4},
	[FOLDED_CALLS] = {"folded_calls", 8},
	[FOLDED_PRIMITIVE_CALLS] = {"folded_primitive_calls", 8},
	[FOLDED_OWN_TICKS] = {"folded_own_ticks", 8},
	[FOLDED_CUMULATIVE_TICKS] = {"folded_cumulative_ticks", 8},
};

static int find(const char *key)
{
	int at = 0;

	while (at < KM_CALL_TREE_COLUMNS && strcmp(key, layout[at].key) != 0)
		at++;
	return at;
}

bool km_call_tree_is_column(const char *key)
{
	return find(key) < KM_CALL_TREE_COLUMNS;
}

void km_call_tree_columns_put(km_call_tree_columns *columns, const char *key, km_str bytes)
{
	columns->bytes[find(key)] = bytes;
}

static uint32_t number32(const km_call_tree_columns *columns, column_name name, uint32_t index)
{
	uint32_t number;

	memcpy(&number, columns->bytes[name].ptr + (size_t)index * sizeof number, sizeof number);
	return le32toh(number);
}

static uint64_t number64(const km_call_tree_columns *columns, column_name name, uint32_t index)
{
	uint64_t number;

	memcpy(&number, columns->bytes[name].ptr + (size_t)index * sizeof number, sizeof number);
	return le64toh(number);
}

/* Columns of one group are there and have the same number of numbers. */
static bool agree(const km_call_tree_columns *columns, column_name first, column_name last,
		  uint32_t *count)
{
	*count = (uint32_t)(columns->bytes[first].len / layout[first].width);
	for (column_name i = first; i <= last; i++) {
		if (!columns->bytes[i].ptr || columns->bytes[i].len != *count * layout[i].width)
			return false;
	}
	return true;
}

static int make_nodes(const km_call_tree_columns *columns, km_tree *tree)
{
	tree->nodes = malloc(tree->node_count * sizeof *tree->nodes);
	if (!tree->nodes)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < tree->node_count; i++) {
		km_tree_node *node = &tree->nodes[i];
		*node = (km_tree_node){
			.function = number32(columns, NODE_FUNCTION, i),
			.parent = number32(columns, NODE_PARENT, i),
			.calls = number64(columns, NODE_CALLS, i),
			.ticks = number64(columns, NODE_TICKS, i),
		};
		if (node->function >= tree->function_count || node->parent >= (i ? i : 1))
			return KM_EINVAL;
	}
	return 0;
}

static int make_folded(const km_call_tree_columns *columns, km_tree *tree)
{
	tree->folded = malloc((tree->folded_count + 1u) * sizeof *tree->folded);
	if (!tree->folded)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < tree->folded_count; i++) {
		tree->folded[i] = (km_tree_folded){
			.function = number32(columns, FOLDED_FUNCTION, i),
			.calls = number64(columns, FOLDED_CALLS, i),
			.primitive_calls = number64(columns, FOLDED_PRIMITIVE_CALLS, i),
			.own_ticks = number64(columns, FOLDED_OWN_TICKS, i),
			.cumulative_ticks = number64(columns, FOLDED_CUMULATIVE_TICKS, i),
		};
		if (tree->folded[i].function >= tree->function_count)
			return KM_EINVAL;
	}
	return 0;
}

int km_call_tree_columns_make(const km_call_tree_columns *columns, km_tree *tree,
			      const char **problem)
{
	*problem = "whose node columns do not agree";
	if (!agree(columns, NODE_FUNCTION, NODE_TICKS, &tree->node_count) || tree->node_count == 0)
		return KM_EINVAL;
	*problem = "whose folded columns do not agree";
	if (!agree(columns, FOLDED_FUNCTION, FOLDED_CUMULATIVE_TICKS, &tree->folded_count))
		return KM_EINVAL;
	*problem = "with folded calls but without (other)";
	if (tree->folded_count > 0 && tree->other == UINT32_MAX)
		return KM_EINVAL;
	*problem = "with a node that names what is not there";
	int result = make_nodes(columns, tree);
	if (result)
		return result;
	*problem = "with folded calls of what is not there";
	return make_folded(columns, tree);
}
