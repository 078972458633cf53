/* The routes and the error of an application, for programs that load it. */
#include <komori/application.h>

#include "framework/base/buffer.h"
#include "framework/app/app.h"

struct listing {
	const km_router *router;
	km_buffer methods;
	int (*visit)(void *context, const km_route_facts *route);
	void *context;
};

static int visit_endpoint(struct listing *listing, const km_endpoint *endpoint)
{
	const km_router *router = listing->router;
	km_buffer *methods = &listing->methods;

	km_buffer_clear(methods);
	if (endpoint->any_method)
		km_buffer_char(methods, '*');
	for (int i = 0; i < router->method_count; i++) {
		if (!(endpoint->methods & (km_methods)1 << i))
			continue;
		km_buffer_printf(methods, "%s%s", methods->len ? " " : "", router->methods[i].ptr);
	}
	if (methods->failed)
		return KM_ENOMEM;
	return listing->visit(listing->context,
			      &(km_route_facts){methods->data, endpoint->rule, endpoint->handler});
}

static int visit_endpoints(struct listing *listing, const km_route_node *node, bool any_method)
{
	int result = 0;

	for (const km_endpoint *at = node->endpoints; at && !result; at = at->next) {
		if (at->any_method == any_method)
			result = visit_endpoint(listing, at);
	}
	return result;
}

/* Visits the nodes in the order in which matching tries them. */
static int visit_node(struct listing *listing, const km_route_node *node)
{
	int result;

	if (!node)
		return 0;
	result = visit_endpoints(listing, node, false);
	if (!result)
		result = visit_endpoints(listing, node, true);
	for (size_t i = 0; i < node->literal_count && !result; i++)
		result = visit_node(listing, node->literals[i].node);
	for (int kind = 0; kind < KM_SEGMENT_KINDS && !result; kind++)
		result = visit_node(listing, node->params[kind]);
	return result;
}

int km_app_each_route(const km_app *app, int (*visit)(void *context, const km_route_facts *route),
		      void *context)
{
	struct listing listing = {
		.router = &app->router,
		.visit = visit,
		.context = context,
	};
	int result = visit_node(&listing, app->router.root);

	km_buffer_finish(&listing.methods);
	return result;
}

const char *km_app_error(const km_app *app)
{
	return app->error ? app->error_text : NULL;
}
