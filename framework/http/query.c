#include "framework/http/query.h"

#include "framework/http/percent.h"

/* Decodes the byte at the front of `text`, which is not empty, and removes it. */
static char next_byte(km_str *text)
{
	const char *at = text->ptr;
	size_t used = 1;
	char byte = *at;

	if (byte == '+') {
		byte = ' ';
	} else if (byte == '%' && text->len >= 3) {
		int high = km_http_hex_value(at[1]), low = km_http_hex_value(at[2]);
		if (high >= 0 && low >= 0 && (high || low)) {
			byte = (char)(unsigned char)(high << 4 | low);
			used = 3;
		}
	}
	text->ptr += used;
	text->len -= used;
	return byte;
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
