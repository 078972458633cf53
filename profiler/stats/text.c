#include "profiler/stats/text.h"

#include "framework/base/unicode.h"

bool km_text_is_ascii(km_str text)
{
	uint64_t word, high = 0;

	for (; text.len >= sizeof word; text.ptr += sizeof word, text.len -= sizeof word) {
		memcpy(&word, text.ptr, sizeof word);
		high |= word;
	}
	word = 0;
	if (text.len)
		memcpy(&word, text.ptr, text.len);
	return !((high | word) & 0x8080808080808080u);
}

size_t km_text_length(km_str text)
{
	size_t length = 0;

	while (length < text.len && !(text.ptr[length] & 0x80))
		length++;
	text.ptr += length;
	text.len -= length;
	for (; text.len; length++)
		km_unicode_next(&text);
	return length;
}

int km_text_compare(const char *a, const char *b)
{
	/* ASCII bytes are whole characters wherever they stand. */
	while (*a && *a == *b && !(*a & 0x80)) {
		a++;
		b++;
	}
	if (!((*a | *b) & 0x80))
		return *a - *b;
	km_str left = km_str_from(a), right = km_str_from(b);
	while (left.len && right.len) {
		uint32_t x = km_unicode_next(&left), y = km_unicode_next(&right);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (left.len > 0) - (right.len > 0);
}

int km_function_compare(const km_function *a, const km_function *b)
{
	int order = km_text_compare(a->file, b->file);

	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : km_text_compare(a->name, b->name);
}

size_t km_text_encode(uint32_t point, char bytes[4])
{
	if (point < 0x80) {
		bytes[0] = (char)point;
		return 1;
	}
	size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = size; --i > 0; point >>= 6)
		bytes[i] = (char)(0x80 | (point & 0x3f));
	bytes[0] = (char)((0xf00u >> size & 0xf0u) | point);
	return size;
}
