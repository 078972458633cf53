#include "framework/app/router.h"

/* The state of one walk down the tree. */
struct search {
	km_methods bit, get_bit; /* of the method; of GET when the method is HEAD */
	km_match *match;
};

static const km_endpoint *find_endpoint(const km_route_node *node, const struct search *search)
{
	const km_endpoint *get = NULL, *any = NULL;

	for (const km_endpoint *endpoint = node->endpoints; endpoint; endpoint = endpoint->next) {
		if (endpoint->methods & search->bit)
			return endpoint;
		if (endpoint->methods & search->get_bit)
			get = endpoint;
		if (endpoint->any_method)
			any = endpoint;
	}
	return get ? get : any;
}

static km_str rule_of(const km_endpoint *endpoint)
{
	return (km_str){endpoint->rule, endpoint->rule_len};
}

/* Matches a path that ends at this node. */
static bool end_at(const km_route_node *node, struct search *search)
{
	km_match *match = search->match;

	if (!node->endpoints)
		return false;
	match->endpoint = find_endpoint(node, search);
	if (match->endpoint) {
		match->rule = rule_of(match->endpoint);
		return true;
	}
	if (!match->rule.ptr)
		match->rule = rule_of(node->endpoints);
	for (const km_endpoint *endpoint = node->endpoints; endpoint; endpoint = endpoint->next)
		match->allowed |= endpoint->methods;
	return false;
}

static bool is_int(km_str segment)
{
	for (size_t i = 0; i < segment.len; i++) {
		if (segment.ptr[i] < '0' || segment.ptr[i] > '9')
			return false;
	}
	return segment.len > 0;
}

static bool walk(const km_route_node *node, const char *at, const char *end, int depth,
		 struct search *search);

static bool walk_param(const km_route_node *node, km_segment_kind kind, km_str value,
		       const char *at, const char *end, int depth, struct search *search)
{
	if (!node->params[kind])
		return false;
	/* Deeper levels overwrite only values above `depth`, so those of a match stay. */
	search->match->values[depth] = value;
	return walk(node->params[kind], at, end, depth + 1, search);
}

/* Matches the rest of the path: `at` is its next "/" or its end. `depth` parameters are set. */
static bool walk(const km_route_node *node, const char *at, const char *end, int depth,
		 struct search *search)
{
	if (at == end)
		return end_at(node, search);
	const char *stop = ++at;
	while (stop < end && *stop != '/') /* segments are short: memchr costs more */
		stop++;
	km_str segment = {at, (size_t)(stop - at)}, rest = {at, (size_t)(end - at)};
	bool found;
	size_t place = km_literal_place(node, segment, &found);

	if (found && stop == end) {
		if (end_at(node->literals[place].node, search)) /* most often; saves a call */
			return true;
	} else if (found && walk(node->literals[place].node, stop, end, depth, search)) {
		return true;
	}
	return (node->params[KM_SEGMENT_INT] && is_int(segment) &&
		walk_param(node, KM_SEGMENT_INT, segment, stop, end, depth, search)) ||
	       (segment.len > 0 &&
		walk_param(node, KM_SEGMENT_NAME, segment, stop, end, depth, search)) ||
	       (rest.len > 0 && walk_param(node, KM_SEGMENT_PATH, rest, end, end, depth, search));
}

void km_router_match(const km_router *router, km_str method, km_str path, km_match *match)
{
	struct search search = {
		.bit = km_router_method(router, method),
		.match = match,
	};

	if (km_str_equal(method, KM_STR("HEAD")))
		search.get_bit = km_router_method(router, KM_STR("GET"));
	match->endpoint = NULL;
	match->rule = (km_str){NULL, 0};
	match->allowed = 0;
	if (router->root && path.len > 0 && path.ptr[0] == '/')
		walk(router->root, path.ptr, path.ptr + path.len, 0, &search);
}
