#include "framework/http/target.h"

#include "framework/http/field.h"
#include "framework/http/percent.h"

enum { FORBIDDEN = 1, ESCAPE = 2, MARK = 4 };

/* Returns which kinds of bytes the text holds. A URI is visible ASCII (RFC 3986), and a client does
 * not send its fragment (RFC 9112 section 3.2). */
static unsigned kinds_of(km_str text)
{
	static const unsigned char kinds[256] = {
		[0 ... ' '] = FORBIDDEN,
		[0x7f ... 0xff] = FORBIDDEN,
		['#'] = FORBIDDEN,
		['%'] = ESCAPE,
		['?'] = MARK,
	};
	unsigned found = 0;

	for (size_t i = 0; i < text.len; i++)
		found |= kinds[(unsigned char)text.ptr[i]];
	return found;
}

/* Cuts "http://host:port" off the front of `text`. The caller checks the authority. */
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

/* Completes "" and "?x" to "/" and "/?x" (RFC 9110 section 4.2.3). */
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

static int parse_path(km_str path, bool terminated, bool escaped, km_arena *arena,
		      km_http_request *request)
{
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
	unsigned kinds = kinds_of(text);
	if (text.len == 0 || (kinds & FORBIDDEN))
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
	const char *mark = kinds & MARK ? memchr(text.ptr, '?', text.len) : NULL;
	size_t path_len = mark ? (size_t)(mark - text.ptr) : text.len;

	request->target = text;
	request->query = mark ? (km_str){mark + 1, text.len - path_len - 1} : (km_str){NULL, 0};
	bool escaped = (kinds & ESCAPE) && memchr(text.ptr, '%', path_len);
	return parse_path((km_str){text.ptr, path_len}, !mark, escaped, arena, request);
}
