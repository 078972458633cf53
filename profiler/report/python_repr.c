#include "profiler/report/python_repr.h"

#include "profiler/stats/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { SURROGATE_FIRST = 0xd800, SURROGATE_LAST = 0xdfff };

/* str.isprintable: no Other and no Separator but the space (CPython Tools/unicode). PCRE2 has the
 * Unicode tables. */
static int is_printable(uint32_t point, const pcre2_code *unprintable, pcre2_match_data *match)
{
	char bytes[4];

	if (point < 0x80)
		return point >= 0x20 && point < 0x7f;
	if (!unprintable || !match || (point >= SURROGATE_FIRST && point <= SURROGATE_LAST))
		return 0;
	size_t len = km_text_encode(point, bytes);
	return pcre2_match(unprintable, (PCRE2_SPTR)bytes, len, 0, PCRE2_NO_UTF_CHECK, match,
			   NULL) < 0;
}

static void append_escaped(km_buffer *out, uint32_t point)
{
	if (point == '\n')
		km_buffer_text(out, "\\n");
	else if (point == '\r')
		km_buffer_text(out, "\\r");
	else if (point == '\t')
		km_buffer_text(out, "\\t");
	else
		km_buffer_printf(out, point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x",
				 point);
}

void km_python_repr(km_buffer *out, km_str text)
{
	if (!text.ptr)
		text = KM_STR("");
	int single = memchr(text.ptr, '\'', text.len) != NULL;
	char quote = single && !memchr(text.ptr, '"', text.len) ? '"' : '\'';
	int error;
	PCRE2_SIZE offset;
	pcre2_code *unprintable = pcre2_compile((PCRE2_SPTR) "[\\p{C}\\p{Z}]", PCRE2_ZERO_TERMINATED,
						PCRE2_UTF, &error, &offset, NULL);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);

	km_buffer_char(out, quote);
	for (const char *at = text.ptr, *end = at + text.len; at < end;) {
		const char *start = at;
		uint32_t point = km_text_next(&at, end);
		if (point == '\\' || point == (uint32_t)quote)
			km_buffer_char(out, '\\');
		if (is_printable(point, unprintable, match))
			km_buffer_append(out, start, (size_t)(at - start));
		else
			append_escaped(out, point);
	}
	km_buffer_char(out, quote);
	pcre2_match_data_free(match);
	pcre2_code_free(unprintable);
}
