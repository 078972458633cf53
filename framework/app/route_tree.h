/* The nodes of a router, shared by the code that adds rules and the code that matches paths. */
#ifndef KM_APP_ROUTE_TREE_H
#define KM_APP_ROUTE_TREE_H

#include "router.h"

/* The order is that of precedence. */
typedef enum km_segment_kind {
	KM_SEGMENT_LITERAL,
	KM_SEGMENT_INT,	 /* <int:name> */
	KM_SEGMENT_NAME, /* <name> */
	KM_SEGMENT_PATH, /* <path:name> */
	KM_SEGMENT_KINDS,
} km_segment_kind;

typedef struct km_literal {
	km_str text; /* owned; may be empty: the last segment of "/a/" */
	km_route_node *node;
} km_literal;

struct km_route_node {
	km_literal *literals; /* sorted by km_literal_compare */
	size_t literal_count;
	km_route_node *params[KM_SEGMENT_KINDS]; /* [KM_SEGMENT_LITERAL] is not used */
	km_endpoint *endpoints;			 /* NULL when no rule ends here */
};

/* Any total order that is cheap: by length first. */
static inline int km_literal_compare(km_str a, km_str b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	for (size_t i = 0; i < a.len; i++) { /* short: no call of memcmp */
		if (a.ptr[i] != b.ptr[i])
			return (unsigned char)a.ptr[i] < (unsigned char)b.ptr[i] ? -1 : 1;
	}
	return 0;
}

/* The place of `text` in the node's literals: its index, or where it belongs with `found` false. */
static inline size_t km_literal_place(const km_route_node *node, km_str text, bool *found)
{
	size_t low = 0, high = node->literal_count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = km_literal_compare(text, node->literals[middle].text);
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

/* The bit of a method the router knows, else 0. */
km_methods km_router_method(const km_router *router, km_str method);

#endif
