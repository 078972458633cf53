#include "framework/base/json.h"

#include "framework/base/unicode.h"

static bool stands_for_itself(uint32_t character)
{
	return character >= 0x20 && character != '"' && character != '\\' && character != '<' &&
	       character != 0x7f && character != 0x2028 && character != 0x2029;
}

static bool is_lone_byte(uint32_t character)
{
	return character >= 0xdc80 && character <= 0xdcff;
}

/* Returns how many ASCII bytes at the start stand for themselves: most texts have no others. */
static size_t plain_prefix(km_str text)
{
	size_t len = 0;

	while (len < text.len && !(text.ptr[len] & 0x80) &&
	       stands_for_itself((unsigned char)text.ptr[len]))
		len++;
	return len;
}

void km_json_string(km_buffer *out, km_str text)
{
	km_buffer_char(out, '"');
	while (text.len > 0) {
		size_t plain = plain_prefix(text);
		km_buffer_append(out, text.ptr, plain);
		text.ptr += plain;
		text.len -= plain;
		if (text.len == 0)
			break;
		km_str bytes = text;
		uint32_t character = km_unicode_next(&text);
		bytes.len -= text.len;
		if (is_lone_byte(character))
			km_buffer_text(out, "\\ufffd");
		else if (stands_for_itself(character))
			km_buffer_append(out, bytes.ptr, bytes.len);
		else if (character == '"' || character == '\\')
			km_buffer_printf(out, "\\%c", (int)character);
		else
			km_buffer_printf(out, "\\u%04x", character);
	}
	km_buffer_char(out, '"');
}
