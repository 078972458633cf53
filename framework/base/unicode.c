#include "framework/base/unicode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>

enum { ESCAPED_BYTE = 0xdc00 };

/* Returns the length of the sequence at `s`, 0 when it is not well-formed (Unicode 14.0, table
 * 3-7). */
static size_t sequence_length(const unsigned char *s, size_t left)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned low = 0x80, high = 0xbf;

	if (len == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || left < len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* less would be overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* more would be a surrogate */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f; /* more would be above U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

uint32_t km_unicode_next(km_str *text)
{
	const unsigned char *s = (const unsigned char *)text->ptr;
	size_t len = sequence_length(s, text->len);
	uint32_t character = len == 0	? ESCAPED_BYTE + (uint32_t)s[0]
			     : len == 1 ? (uint32_t)s[0]
			     : len == 2 ? s[0] & 0x1fu
			     : len == 3 ? s[0] & 0x0fu
					: s[0] & 0x07u;

	for (size_t i = 1; i < len; i++)
		character = character << 6 | (s[i] & 0x3fu);
	if (len == 0)
		len = 1;
	text->ptr += len;
	text->len -= len;
	return character;
}

static pcre2_code *printable; /* NULL: memory ran out */

/* Python's rule: neither Other nor Separator. */
static void compile_printable(void)
{
	PCRE2_SIZE offset;
	int error;

	printable = pcre2_compile((PCRE2_SPTR) "[^\\p{C}\\p{Z}]", PCRE2_ZERO_TERMINATED, PCRE2_UTF,
				  &error, &offset, NULL);
}

static size_t encode(uint32_t character, unsigned char *out)
{
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = len; --i > 0; character >>= 6)
		out[i] = (unsigned char)(0x80 | (character & 0x3f));
	out[0] = (unsigned char)(first[len] | character);
	return len;
}

bool km_unicode_is_printable(uint32_t character)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	unsigned char bytes[4];

	if (character < 0x7f)
		return character >= ' ';
	pthread_once(&once, compile_printable);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool matches = printable && data &&
		       pcre2_match(printable, bytes, encode(character, bytes), 0,
				   PCRE2_NO_UTF_CHECK, data, NULL) > 0;
	pcre2_match_data_free(data);
	return matches;
}
