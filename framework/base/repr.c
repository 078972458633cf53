#include "framework/base/repr.h"

#include "framework/base/unicode.h"

static void append_character(km_buffer *out, uint32_t character, km_str bytes, char quote)
{
	if (character == (unsigned char)quote || character == '\\')
		km_buffer_printf(out, "\\%c", (int)character);
	else if (character == '\t')
		km_buffer_text(out, "\\t");
	else if (character == '\n')
		km_buffer_text(out, "\\n");
	else if (character == '\r')
		km_buffer_text(out, "\\r");
	else if (km_unicode_is_printable(character))
		km_buffer_append(out, bytes.ptr, bytes.len);
	else
		km_buffer_printf(out,
				 character < 0x100     ? "\\x%02x"
				 : character < 0x10000 ? "\\u%04x"
						       : "\\U%08x",
				 character);
}

void km_repr(km_buffer *out, km_str text)
{
	bool single = text.len && memchr(text.ptr, '\'', text.len);
	bool both = single && memchr(text.ptr, '"', text.len);
	char quote = single && !both ? '"' : '\'';

	km_buffer_char(out, quote);
	while (text.len > 0) {
		km_str bytes = text;
		uint32_t character = km_unicode_next(&text);
		bytes.len -= text.len;
		append_character(out, character, bytes, quote);
	}
	km_buffer_char(out, quote);
}
