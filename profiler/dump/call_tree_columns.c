#include "profiler/dump/call_tree_columns.h"

#include <endian.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct column {
	const char *key;
	size_t width, offset; /* in bytes: of a number, and of the member it goes to */
} column;

#define NODE(member)   sizeof(((km_tree_node *)0)->member), offsetof(km_tree_node, member)
#define FOLDED(member) sizeof(((km_tree_folded *)0)->member), offsetof(km_tree_folded, member)

enum { NODE_COLUMNS = 4, BLOCK = 512 /* rows that stay in the cache */ };

static const column columns_of_tree[KM_CALL_TREE_COLUMNS] = {
	{"node_function", NODE(function)},
	{"node_parent", NODE(parent)},
	{"node_calls", NODE(calls)},
	{"node_ticks", NODE(ticks)},
	{"folded_function", FOLDED(function)},
	{"folded_calls", FOLDED(calls)},
	{"folded_primitive_calls", FOLDED(primitive_calls)},
	{"folded_own_ticks", FOLDED(own_ticks)},
	{"folded_cumulative_ticks", FOLDED(cumulative_ticks)},
};

static void write_column(km_marshal_writer *out, const column *which, const void *items,
			 uint32_t count, size_t item_size)
{
	const char *at = (const char *)items + which->offset;
	uint32_t small;
	uint64_t large;

	km_marshal_write_text(out, which->key);
	km_marshal_write_bytes(out, (uint64_t)count * which->width);
	for (uint32_t i = 0; i < count && !out->error; i++, at += item_size) {
		if (which->width == sizeof small) {
			memcpy(&small, at, sizeof small);
			km_marshal_write_raw_u32(out, small);
		} else {
			memcpy(&large, at, sizeof large);
			km_marshal_write_raw_u64(out, large);
		}
	}
}

void km_call_tree_columns_write_nodes(km_marshal_writer *out, const km_tree *tree)
{
	for (int i = 0; i < NODE_COLUMNS; i++)
		write_column(out, &columns_of_tree[i], tree->nodes, tree->node_count,
			     sizeof *tree->nodes);
}

void km_call_tree_columns_write_folded(km_marshal_writer *out, const km_tree *tree)
{
	for (int i = NODE_COLUMNS; i < KM_CALL_TREE_COLUMNS; i++)
		write_column(out, &columns_of_tree[i], tree->folded, tree->folded_count,
			     sizeof *tree->folded);
}

km_str *km_call_tree_columns_find(km_call_tree_columns *columns, const char *key)
{
	for (int i = 0; i < KM_CALL_TREE_COLUMNS; i++) {
		if (strcmp(key, columns_of_tree[i].key) == 0)
			return &columns->bytes[i];
	}
	return NULL;
}

static void read_column(const char *bytes, const column *which, void *items, uint32_t count,
			size_t item_size)
{
	char *at = (char *)items + which->offset;
	uint32_t small;
	uint64_t large;

	if (which->width == sizeof small) {
		for (uint32_t i = 0; i < count; i++, at += item_size) {
			memcpy(&small, bytes + i * sizeof small, sizeof small);
			*(uint32_t *)at = le32toh(small);
		}
		return;
	}
	for (uint32_t i = 0; i < count; i++, at += item_size) {
		memcpy(&large, bytes + i * sizeof large, sizeof large);
		*(uint64_t *)at = le64toh(large);
	}
}

/* Reads the columns from `first` up to `end` to `items`. KM_EINVAL when one is missing, or when
 * they have different numbers of numbers. */
static int read_columns(const km_call_tree_columns *columns, int first, int end, size_t item_size,
			void **items, uint32_t *count)
{
	*count = (uint32_t)(columns->bytes[first].len / columns_of_tree[first].width);
	for (int i = first; i < end; i++) {
		if (!columns->bytes[i].ptr ||
		    columns->bytes[i].len != *count * columns_of_tree[i].width)
			return KM_EINVAL;
	}
	*items = malloc((*count + 1u) * item_size);
	if (!*items)
		return KM_ENOMEM;
	for (uint32_t at = 0; at < *count; at += BLOCK) {
		uint32_t some = *count - at < BLOCK ? *count - at : BLOCK;
		for (int i = first; i < end; i++)
			read_column(columns->bytes[i].ptr + at * columns_of_tree[i].width,
				    &columns_of_tree[i], (char *)*items + at * item_size, some,
				    item_size);
	}
	return 0;
}

static bool nodes_are_valid(const km_tree *tree)
{
	for (uint32_t i = 0; i < tree->node_count; i++) {
		const km_tree_node *node = &tree->nodes[i];
		if (node->function >= tree->function_count || node->parent >= (i ? i : 1))
			return false;
	}
	return tree->node_count > 0;
}

static bool folded_is_valid(const km_tree *tree)
{
	for (uint32_t i = 0; i < tree->folded_count; i++) {
		if (tree->folded[i].function >= tree->function_count)
			return false;
	}
	return true;
}

int km_call_tree_columns_read(const km_call_tree_columns *columns, km_tree *tree,
			      const char **problem)
{
	void *nodes = NULL, *folded = NULL;

	*problem = "whose node columns do not agree";
	int result = read_columns(columns, 0, NODE_COLUMNS, sizeof *tree->nodes, &nodes,
				  &tree->node_count);
	tree->nodes = nodes;
	if (result || tree->node_count == 0)
		return result ? result : KM_EINVAL;
	*problem = "whose folded columns do not agree";
	result = read_columns(columns, NODE_COLUMNS, KM_CALL_TREE_COLUMNS, sizeof *tree->folded,
			      &folded, &tree->folded_count);
	tree->folded = folded;
	if (result)
		return result;
	*problem = "with folded calls but without (other)";
	if (tree->folded_count > 0 && tree->other == UINT32_MAX)
		return KM_EINVAL;
	*problem = "with a node whose function or caller does not exist";
	if (!nodes_are_valid(tree))
		return KM_EINVAL;
	*problem = "with folded calls of a function that does not exist";
	return folded_is_valid(tree) ? 0 : KM_EINVAL;
}
