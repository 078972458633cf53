#include "framework/app/router.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "framework/http/field.h"
#include "framework/http/head_parser.h"

enum { MAX_METHOD = 32 };

/* One segment of a rule. */
struct segment {
	km_segment_kind kind;
	km_str text; /* of a literal, or the parameter's name */
};

static bool is_name(km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		bool letter =
			(byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
		if (!letter && (i == 0 || byte < '0' || byte > '9'))
			return false;
	}
	return text.len > 0;
}

static bool cut_prefix(km_str *text, km_str prefix)
{
	if (text->len < prefix.len || memcmp(text->ptr, prefix.ptr, prefix.len) != 0)
		return false;
	text->ptr += prefix.len;
	text->len -= prefix.len;
	return true;
}

/* Parses one segment. Returns what is wrong, or NULL. */
static const char *parse_segment(km_str text, bool last, struct segment *parsed)
{
	km_str inner = {text.ptr + 1, text.len - 2};

	*parsed = (struct segment){KM_SEGMENT_LITERAL, text};
	if (!memchr(text.ptr, '<', text.len) && !memchr(text.ptr, '>', text.len))
		return NULL;
	if (text.len < 3 || text.ptr[0] != '<' || text.ptr[text.len - 1] != '>')
		return "a parameter is a segment of its own: /<name>/";
	parsed->kind = cut_prefix(&inner, KM_STR("int:"))    ? KM_SEGMENT_INT
		       : cut_prefix(&inner, KM_STR("path:")) ? KM_SEGMENT_PATH
							     : KM_SEGMENT_NAME;
	if (!is_name(inner))
		return "a parameter is <name>, <int:name> or <path:name>, with a name of letters, "
		       "digits and _";
	if (parsed->kind == KM_SEGMENT_PATH && !last)
		return "<path:name> takes the rest of the path, so it must be last";
	parsed->text = inner;
	return NULL;
}

/* Takes the segment after the "/" at `*at`. */
static const char *next_segment(const char **at, struct segment *parsed)
{
	const char *start = *at + 1, *stop = strchrnul(start, '/');

	*at = stop;
	return parse_segment((km_str){start, (size_t)(stop - start)}, *stop == '\0', parsed);
}

/* --- methods --- */

km_methods km_router_method(const km_router *router, km_str method)
{
	for (int i = 0; i < router->method_count; i++) {
		/* Nearly always the text is the server's own for this method. */
		if (router->methods[i].ptr == method.ptr ||
		    km_str_equal(router->methods[i], method))
			return (km_methods)1 << i;
	}
	return 0;
}

/* Returns the method's bit, and assigns one when it has none. 0 when memory or bits ran out. */
static km_methods want_method(km_router *router, km_str method)
{
	km_methods bit = km_router_method(router, method);

	if (bit || router->method_count == KM_ROUTER_METHODS)
		return bit;
	bit = (km_methods)1 << router->method_count;
	km_str text = km_http_method(method);
	if (!text.ptr) { /* not of the server's; middleware may set it */
		text = (km_str){strndup(method.ptr, method.len), method.len};
		router->copied |= text.ptr ? bit : 0;
	}
	if (!text.ptr)
		return 0;
	router->methods[router->method_count++] = text;
	return bit;
}

/* Whether the method is a known one in small letters: "get" would match no request. */
static bool is_small(km_str method)
{
	char text[MAX_METHOD + 1] = "";

	for (size_t i = 0; i < method.len; i++)
		text[i] = (char)toupper((unsigned char)method.ptr[i]);
	return !km_http_method(method).ptr && km_http_method((km_str){text, method.len}).ptr;
}

static const char *parse_methods(km_router *router, const char *methods, km_endpoint *endpoint)
{
	static const char wrong[] = "methods are names like \"GET POST\", or \"*\" for any";
	static const char delimiters[] = " ,";

	if (strcmp(methods, "*") == 0) {
		endpoint->any_method = true;
		return NULL;
	}
	for (const char *at = methods; *(at += strspn(at, delimiters));) {
		km_str method = {at, strcspn(at, delimiters)};
		at += method.len;
		if (!km_http_is_token(method) || method.len > MAX_METHOD || *method.ptr == '*')
			return wrong;
		if (is_small(method))
			return "methods are in capitals, like \"GET\"";
		km_methods bit = want_method(router, method);
		if (!bit)
			return "out of memory, or more than 32 different methods";
		endpoint->methods |= bit;
	}
	return endpoint->methods ? NULL : wrong;
}

/* --- the tree --- */

static km_route_node *want_literal(km_route_node *node, km_str text)
{
	bool found;
	size_t place = km_literal_place(node, text, &found);

	if (found)
		return node->literals[place].node;
	km_literal *literals =
		reallocarray(node->literals, node->literal_count + 1, sizeof *literals);
	if (!literals)
		return NULL;
	node->literals = literals;
	char *copy = strndup(text.ptr, text.len);
	km_route_node *child = calloc(1, sizeof *child);
	if (!copy || !child) {
		free(copy);
		free(child);
		return NULL;
	}
	memmove(literals + place + 1, literals + place,
		(node->literal_count - place) * sizeof *literals);
	literals[place] = (km_literal){{copy, text.len}, km_literal_begin(text), child};
	node->literal_count++;
	return child;
}

static km_route_node *want_child(km_route_node *node, const struct segment *segment)
{
	if (segment->kind == KM_SEGMENT_LITERAL)
		return want_literal(node, segment->text);
	if (!node->params[segment->kind])
		node->params[segment->kind] = calloc(1, sizeof *node);
	return node->params[segment->kind];
}

static bool has_param(const km_endpoint *endpoint, km_str name)
{
	for (int i = 0; i < endpoint->param_count; i++) {
		if (km_str_equal(endpoint->params[i], name))
			return true;
	}
	return false;
}

/* Fills the endpoint's parameters, and makes the nodes to where its rule ends. */
static const char *place_endpoint(km_router *router, km_endpoint *endpoint, km_route_node **place)
{
	const char *at = endpoint->rule;
	struct segment segment;

	if (!router->root)
		router->root = calloc(1, sizeof *router->root);
	km_route_node *node = router->root;
	if (*at != '/')
		return "a rule starts with \"/\"";
	if (strchr(at, '?'))
		return "a rule is a path, without a query";
	while (node && *at) {
		const char *wrong = next_segment(&at, &segment);
		if (wrong)
			return wrong;
		if (segment.kind != KM_SEGMENT_LITERAL) {
			if (has_param(endpoint, segment.text))
				return "two parameters have the same name";
			if (endpoint->param_count == KM_ROUTE_PARAMS)
				return "more than 16 parameters";
			endpoint->params[endpoint->param_count++] = segment.text;
		}
		node = want_child(node, &segment);
	}
	*place = node;
	return node ? NULL : "out of memory";
}

static const char *add_endpoint(km_route_node *node, km_endpoint *endpoint)
{
	km_endpoint **last = &node->endpoints;

	for (; *last; last = &(*last)->next) {
		if (((*last)->methods & endpoint->methods) ||
		    ((*last)->any_method && endpoint->any_method))
			return "a route for this method and path already exists";
	}
	*last = endpoint;
	return NULL;
}

static void free_endpoint(km_endpoint *endpoint)
{
	if (endpoint)
		free(endpoint->rule);
	free(endpoint);
}

int km_router_add(km_router *router, const char *methods, const char *rule, km_handler handler,
		  char *error, size_t error_size)
{
	const char *wrong = "methods, rule and handler are needed";
	km_endpoint *endpoint = calloc(1, sizeof *endpoint);
	km_route_node *node = NULL;

	if (!methods || !rule || !handler)
		goto failed;
	if (!endpoint || !(endpoint->rule = strdup(rule))) {
		free_endpoint(endpoint);
		snprintf(error, error_size, "route %s \"%s\": out of memory", methods, rule);
		return KM_ENOMEM;
	}
	endpoint->rule_len = strlen(rule);
	endpoint->handler = handler;
	wrong = parse_methods(router, methods, endpoint);
	if (!wrong)
		wrong = place_endpoint(router, endpoint, &node);
	if (!wrong)
		wrong = add_endpoint(node, endpoint);
	if (!wrong)
		return 0;
failed:
	snprintf(error, error_size, "route %s \"%s\": %s", methods ? methods : "(null)",
		 rule ? rule : "(null)", wrong);
	free_endpoint(endpoint);
	return KM_EINVAL;
}

size_t km_router_allow(const km_router *router, const km_match *match, char *text, size_t size)
{
	km_methods allowed = match ? match->allowed : ~(km_methods)0;
	km_methods get = km_router_method(router, KM_STR("GET"));
	bool head = km_router_method(router, KM_STR("HEAD")) & allowed;
	bool options = km_router_method(router, KM_STR("OPTIONS")) & allowed;
	size_t used = 0;

	for (int i = 0; i < router->method_count && used < size; i++) {
		km_methods bit = (km_methods)1 << i;
		if (!(allowed & bit))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 router->methods[i].ptr);
		if (bit == get && !head && used < size)
			used += (size_t)snprintf(text + used, size - used, ", HEAD");
	}
	if (!options && used < size)
		used += (size_t)snprintf(text + used, size - used, "%sOPTIONS", used ? ", " : "");
	return used < size ? used : size - 1;
}

static void free_node(km_route_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->literal_count; i++) {
		free_node(node->literals[i].node);
		free((char *)(uintptr_t)node->literals[i].text.ptr);
	}
	free(node->literals);
	for (int kind = 0; kind < KM_SEGMENT_KINDS; kind++)
		free_node(node->params[kind]);
	while (node->endpoints) {
		km_endpoint *endpoint = node->endpoints;
		node->endpoints = endpoint->next;
		free_endpoint(endpoint);
	}
	free(node);
}

void km_router_finish(km_router *router)
{
	free_node(router->root);
	for (int i = 0; i < router->method_count; i++) {
		if (router->copied >> i & 1)
			free((char *)(uintptr_t)router->methods[i].ptr);
	}
	*router = (km_router){0};
}
