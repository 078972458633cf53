/* The tree of routes: one level for each path segment. */
#ifndef KM_APP_ROUTE_TREE_H
#define KM_APP_ROUTE_TREE_H

#include <komori/komori.h>

enum { KM_ROUTE_PARAMS = 16 }; /* most parameters of one rule */

/* A set of methods, as bits that index km_router.methods. */
typedef uint32_t km_methods;

typedef struct km_endpoint km_endpoint;
struct km_endpoint {
	km_endpoint *next; /* of the same place in the tree, in order of registration */
	char *rule;	   /* as registered */
	size_t rule_len;
	km_methods methods;
	bool any_method; /* "*" */
	km_handler handler;
	int param_count;
	km_str params[KM_ROUTE_PARAMS]; /* their names, inside `rule`; not terminated */
};

typedef struct km_route_node km_route_node;

/* In order of precedence. */
typedef enum km_segment_kind {
	KM_SEGMENT_LITERAL,
	KM_SEGMENT_INT,	 /* <int:name> */
	KM_SEGMENT_NAME, /* <name> */
	KM_SEGMENT_PATH, /* <path:name> */
	KM_SEGMENT_KINDS,
} km_segment_kind;

typedef struct km_literal {
	km_str text;	/* owned; may be empty: the last segment of "/a/" */
	uint64_t begin; /* km_literal_begin of it */
	km_route_node *node;
} km_literal;

struct km_route_node {
	km_literal *literals; /* sorted by km_literal_compare */
	size_t literal_count;
	km_route_node *params[KM_SEGMENT_KINDS]; /* [KM_SEGMENT_LITERAL] is not used */
	km_endpoint *endpoints;			 /* NULL when no rule ends here */
};

/* Returns the first eight bytes as a number. With the length, it tells most segments apart. */
static inline uint64_t km_literal_begin(km_str text)
{
	uint64_t begin = 0;
	uint32_t first, last;

	if (text.len >= 8) {
		memcpy(&begin, text.ptr, 8);
	} else if (text.len >= 4) {
		memcpy(&first, text.ptr, 4);
		memcpy(&last, text.ptr + text.len - 4, 4);
		begin = (uint64_t)last << 32 | first;
	} else {
		for (size_t i = 0; i < text.len; i++)
			begin = begin << 8 | (unsigned char)text.ptr[i];
	}
	return begin;
}

/* A cheap total order. `begin` is that of `text`. */
static inline int km_literal_compare(km_str text, uint64_t begin, const km_literal *literal)
{
	if (text.len != literal->text.len)
		return text.len < literal->text.len ? -1 : 1;
	if (begin != literal->begin)
		return begin < literal->begin ? -1 : 1;
	return text.len <= 8 ? 0 : memcmp(text.ptr + 8, literal->text.ptr + 8, text.len - 8);
}

/* Returns the index of `text` in the node's literals, or, with `found` false, where it belongs. */
static inline size_t km_literal_place(const km_route_node *node, km_str text, bool *found)
{
	size_t low = 0, high = node->literal_count;
	uint64_t begin = km_literal_begin(text);

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = km_literal_compare(text, begin, &node->literals[middle]);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

#endif
