#include "framework/base/json_writer.h"

#include "framework/base/decimal.h"
#include "framework/base/unicode.h"

static void begin_value(km_json_writer *json)
{
	if (json->behind_value)
		km_buffer_char(json->out, ',');
	if (json->new_line)
		km_buffer_char(json->out, '\n');
	json->behind_value = true;
	json->new_line = false;
}

/* Appends before, name and after at once, behind the comma that a value needs: large documents are
 * mostly keys and brackets. */
static inline void put(km_json_writer *json, const char *before, km_str name, const char *after)
{
	size_t before_len = strlen(before), after_len = strlen(after);
	char *at = km_buffer_reserve(json->out, before_len + name.len + after_len + 2);

	if (!at)
		return;
	if (json->behind_value)
		*at++ = ',';
	if (json->new_line)
		*at++ = '\n';
	json->new_line = false;
	at = mempcpy(at, before, before_len);
	at = mempcpy(at, name.ptr, name.len);
	at = mempcpy(at, after, after_len);
	*at = '\0';
	json->out->len = (size_t)(at - json->out->data);
}

static void open(km_json_writer *json, const char *bracket)
{
	put(json, bracket, KM_STR(""), "");
	json->behind_value = false;
}

static void close(km_json_writer *json, const char *bracket)
{
	json->behind_value = false;
	put(json, bracket, KM_STR(""), "");
	json->behind_value = true;
}

void km_json_object(km_json_writer *json)
{
	open(json, "{");
}

void km_json_object_end(km_json_writer *json)
{
	close(json, "}");
}

void km_json_array(km_json_writer *json)
{
	open(json, "[");
}

void km_json_array_end(km_json_writer *json)
{
	close(json, "]");
}

void km_json_line(km_json_writer *json)
{
	json->new_line = true;
}

void km_json_key(km_json_writer *json, const char *name)
{
	put(json, "\"", km_str_from(name), "\":");
	json->behind_value = false;
}

/* --- strings --- */

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

static void put_string(km_buffer *out, km_str text)
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

void km_json_str(km_json_writer *json, km_str text)
{
	begin_value(json);
	put_string(json->out, text);
}

void km_json_text(km_json_writer *json, const char *text)
{
	if (text)
		km_json_str(json, km_str_from(text));
	else
		km_json_null(json);
}

/* --- other values --- */

void km_json_raw(km_json_writer *json, km_str text)
{
	begin_value(json);
	km_buffer_append(json->out, text.ptr, text.len);
}

void km_json_unsigned(km_json_writer *json, uint64_t value)
{
	begin_value(json);
	km_decimal_append(json->out, value);
}

void km_json_integer(km_json_writer *json, int64_t value)
{
	begin_value(json);
	km_decimal_append_signed(json->out, value);
}

void km_json_double(km_json_writer *json, double value)
{
	begin_value(json);
	km_decimal_append_double(json->out, value);
}

void km_json_bool(km_json_writer *json, bool value)
{
	begin_value(json);
	km_buffer_text(json->out, value ? "true" : "false");
}

void km_json_null(km_json_writer *json)
{
	begin_value(json);
	km_buffer_text(json->out, "null");
}
