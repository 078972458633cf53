#include "framework/base/json_writer.h"

#include "framework/base/decimal.h"
#include "framework/base/unicode.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

static void begin_value(km_json *json)
{
	if (json->after_value)
		km_buffer_char(json->out, ',');
	json->after_value = true;
}

static void open(km_json *json, char bracket)
{
	begin_value(json);
	km_buffer_char(json->out, bracket);
	json->after_value = false;
}

static void close(km_json *json, char bracket)
{
	km_buffer_char(json->out, bracket);
	json->after_value = true;
}

void km_json_object(km_json *json)
{
	open(json, '{');
}

void km_json_object_end(km_json *json)
{
	close(json, '}');
}

void km_json_array(km_json *json)
{
	open(json, '[');
}

void km_json_array_end(km_json *json)
{
	close(json, ']');
}

void km_json_key(km_json *json, const char *name)
{
	open(json, '"');
	km_buffer_text(json->out, name);
	km_buffer_append(json->out, "\":", 2);
}

void km_json_str(km_json *json, km_str text)
{
	begin_value(json);
	km_json_string(json->out, text);
}

void km_json_text(km_json *json, const char *text)
{
	if (text)
		km_json_str(json, km_str_from(text));
	else
		km_json_null(json);
}

void km_json_unsigned(km_json *json, uint64_t value)
{
	begin_value(json);
	char *at = km_buffer_reserve(json->out, KM_DECIMAL_SIZE);
	if (at)
		json->out->len += km_decimal(at, value);
}

void km_json_integer(km_json *json, int64_t value)
{
	if (value >= 0) {
		km_json_unsigned(json, (uint64_t)value);
		return;
	}
	open(json, '-');
	km_json_unsigned(json, 0 - (uint64_t)value);
}

void km_json_double(km_json *json, double value)
{
	char text[32];

	if (!isfinite(value))
		value = isnan(value) ? 0 : value > 0 ? DBL_MAX : -DBL_MAX;
	snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof text, "%.17g", value);
	begin_value(json);
	km_buffer_text(json->out, text);
}

void km_json_bool(km_json *json, bool value)
{
	begin_value(json);
	km_buffer_text(json->out, value ? "true" : "false");
}

void km_json_null(km_json *json)
{
	begin_value(json);
	km_buffer_text(json->out, "null");
}
