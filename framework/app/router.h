/* Adds routes, and matches requests with them. Matching allocates nothing, and visits each node of
 * the tree at most once. */
#ifndef KM_APP_ROUTER_H
#define KM_APP_ROUTER_H

#include "framework/app/route_tree.h"

enum { KM_ROUTER_METHODS = 32 }; /* most different methods of one router */

/* Zero-initialised is a valid empty router. */
typedef struct km_router {
	km_route_node *root;
	km_str methods[KM_ROUTER_METHODS];
	km_methods copied; /* methods whose text is owned; other texts are static */
	int method_count;
} km_router;

typedef struct km_match {
	const km_endpoint *endpoint; /* NULL: no route for this method */
	/* Of the endpoint, else of the first route that fits the path; {NULL, 0}: none fits. */
	km_str rule;
	km_methods allowed;		/* without an endpoint: by all routes that fit the path */
	km_str values[KM_ROUTE_PARAMS]; /* of the endpoint's parameters, inside the path */
} km_match;

/* Adds a rule for `methods`, "GET POST" or "*". Returns 0, or KM_EINVAL or KM_ENOMEM with a line in
 * `error`. */
int km_router_add(km_router *router, const char *methods, const char *rule, km_handler handler,
		  char *error, size_t error_size);
/* Finds the route for a decoded path. HEAD falls back to GET, then to "*". */
void km_router_match(const km_router *router, km_str method, km_str path, km_match *match);
/* Writes the value of the Allow header (RFC 9110 section 10.2.1): the methods that `match` allows,
 * or all methods of the router when `match` is NULL. HEAD and OPTIONS need no route of their own.
 * Returns its length; a `size` of KM_ALLOW_SIZE is enough. */
enum { KM_ALLOW_SIZE = (KM_ROUTER_METHODS + 2) * 34 };
size_t km_router_allow(const km_router *router, const km_match *match, char *text, size_t size);
/* Returns the bit of a method that the router knows, else 0. */
km_methods km_router_method(const km_router *router, km_str method);
void km_router_finish(km_router *router);

#endif
