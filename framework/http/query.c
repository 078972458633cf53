#include "framework/http/query.h"

#include "framework/http/percent.h"

/* Decodes the byte at the front of `text`, which is not empty, and removes it. */
static char next_byte(km_str *text)
{
	const char *at = text->ptr;
	int escaped = *at == '%' && text->len >= 3 ? km_http_escaped_byte(at + 1) : -1;
	size_t used = escaped < 0 ? 1 : 3;

	text->ptr += used;
	text->len -= used;
	if (escaped >= 0)
		return (char)escaped;
	return *at == '+' ? ' ' : *at;
}

static bool decodes_to(km_str text, km_str wanted)
{
	for (size_t i = 0; i < wanted.len; i++) {
		if (text.len == 0 || next_byte(&text) != wanted.ptr[i])
			return false;
	}
	return text.len == 0;
}

bool km_query_find(km_str query, km_str name, km_str *value)
{
	const char *at = query.ptr, *end = query.ptr + query.len;

	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		if (!stop)
			stop = end;
		const char *equals = memchr(at, '=', (size_t)(stop - at));
		const char *name_end = equals ? equals : stop;
		if (stop > at && decodes_to((km_str){at, (size_t)(name_end - at)}, name)) {
			const char *start = equals ? equals + 1 : stop;
			*value = (km_str){start, (size_t)(stop - start)};
			return true;
		}
		at = stop + 1;
	}
	return false;
}

size_t km_query_decode(km_str text, char *out)
{
	size_t used = 0;

	while (text.len > 0)
		out[used++] = next_byte(&text);
	return used;
}
