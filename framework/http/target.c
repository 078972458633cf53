#include "target.h"

#include "field.h"
#include "percent.h"

/* Fragments are never sent (RFC 9112 section 3.2), and a URI is visible ASCII (RFC 3986). */
static bool has_forbidden_byte(km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if (byte <= 0x20 || byte >= 0x7f || byte == '#')
			return true;
	}
	return false;
}

/* Cuts "http://host:port" off the front of `text`. What may stand there is is_host's affair. */
static bool split_absolute(km_str *text, km_str *authority)
{
	const char *end = text->ptr + text->len;
	const char *colon = memchr(text->ptr, ':', text->len);

	if (!colon || end - colon < 3 || colon[1] != '/' || colon[2] != '/')
		return false;
	km_str scheme = {text->ptr, (size_t)(colon - text->ptr)};
	if (!km_http_name_is(scheme, "http") && !km_http_name_is(scheme, "https"))
		return false;
	const char *start = colon + 3, *stop = start;
	while (stop < end && *stop != '/' && *stop != '?')
		stop++;
	*authority = (km_str){start, (size_t)(stop - start)};
	*text = (km_str){stop, (size_t)(end - stop)};
	return authority->len > 0;
}

/* "" and "?x" are short for "/" and "/?x" (RFC 9110 section 4.2.3). */
static int with_leading_slash(km_str *text, km_arena *arena)
{
	if (text->len > 0 && text->ptr[0] == '/')
		return 0;
	char *longer = km_arena_alloc(arena, text->len + 2);
	if (!longer)
		return 500;
	longer[0] = '/';
	memcpy(longer + 1, text->ptr, text->len);
	longer[text->len + 1] = '\0';
	*text = (km_str){longer, text->len + 1};
	return 0;
}

static int parse_path(km_str path, bool terminated, km_arena *arena, km_http_request *request)
{
	bool escaped = memchr(path.ptr, '%', path.len) != NULL;

	request->path = path;
	if (!escaped && terminated)
		return 0;
	char *copy = km_arena_copy(arena, path.ptr, path.len);
	if (!copy)
		return 500;
	request->path.ptr = copy;
	if (!escaped)
		return 0;
	ssize_t len = km_http_percent_decode(path, copy);
	if (len < 0)
		return 400;
	copy[len] = '\0';
	request->path.len = (size_t)len;
	return 0;
}

int km_http_target_parse(km_str text, km_arena *arena, km_http_request *request, km_str *authority)
{
	*authority = (km_str){NULL, 0};
	if (text.len == 0 || has_forbidden_byte(text))
		return 400;
	if (text.len == 1 && text.ptr[0] == '*') {
		request->target = request->path = text;
		request->query = (km_str){NULL, 0};
		return km_str_equal(request->method, KM_STR("OPTIONS")) ? 0 : 400;
	}
	if (text.ptr[0] != '/') {
		if (!split_absolute(&text, authority))
			return 400;
		int status = with_leading_slash(&text, arena);
		if (status)
			return status;
	}
	const char *mark = memchr(text.ptr, '?', text.len);
	size_t path_len = mark ? (size_t)(mark - text.ptr) : text.len;

	request->target = text;
	request->query = mark ? (km_str){mark + 1, text.len - path_len - 1} : (km_str){NULL, 0};
	return parse_path((km_str){text.ptr, path_len}, !mark, arena, request);
}
