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

void km_json_string(km_buffer *out, km_str text)
{
	km_buffer_char(out, '"');
	while (text.len > 0) {
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
