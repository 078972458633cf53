#include "profiler/stats/text.h"

enum { ESCAPED = 0xdc00 };

/* Bytes of the well-formed sequence at `s`, 0 when there is none (Unicode 15, table 3-7). */
static size_t sequence_size(const unsigned char *s, size_t left)
{
	unsigned low = 0x80, high = 0xbf;
	size_t size;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (left < size)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

uint32_t km_text_next(const char **at, const char *end)
{
	const unsigned char *s = (const unsigned char *)*at;
	size_t size = sequence_size(s, (size_t)(end - *at));

	*at += size ? size : 1;
	switch (size) {
	case 0:
		return ESCAPED + s[0];
	case 1:
		return s[0];
	case 2:
		return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
	case 3:
		return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	default:
		return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 |
		       (s[3] & 0x3fu);
	}
}

size_t km_text_length(km_str text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	size_t length = 0;

	for (; at < end; length++)
		km_text_next(&at, end);
	return length;
}

int km_text_compare(const char *a, const char *b)
{
	/* ASCII bytes are whole characters wherever they stand. */
	while (*a && *a == *b && !(*a & 0x80)) {
		a++;
		b++;
	}
	const char *a_end = a + strlen(a), *b_end = b + strlen(b);
	while (a < a_end && b < b_end) {
		uint32_t left = km_text_next(&a, a_end), right = km_text_next(&b, b_end);
		if (left != right)
			return left < right ? -1 : 1;
	}
	return (a < a_end) - (b < b_end);
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
