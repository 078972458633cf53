#include "framework/base/json_writer.h"

#include "framework/base/decimal.h"
#include "framework/base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void begin_value(km_json_writer *json)
{
	if (json->behind_value)
		km_buffer_char(json->out, ',');
	json->behind_value = true;
}

static void open(km_json_writer *json, char bracket)
{
	begin_value(json);
	km_buffer_char(json->out, bracket);
	json->behind_value = false;
}

static void close(km_json_writer *json, char bracket)
{
	km_buffer_char(json->out, bracket);
	json->behind_value = true;
}

void km_json_object(km_json_writer *json)
{
	open(json, '{');
}

void km_json_object_end(km_json_writer *json)
{
	close(json, '}');
}

void km_json_array(km_json_writer *json)
{
	open(json, '[');
}

void km_json_array_end(km_json_writer *json)
{
	close(json, ']');
}

void km_json_key(km_json_writer *json, const char *name)
{
	open(json, '"');
	km_buffer_text(json->out, name);
	km_buffer_append(json->out, "\":", 2);
}

void km_json_str(km_json_writer *json, km_str text)
{
	begin_value(json);
	km_json_string(json->out, text);
}

void km_json_text(km_json_writer *json, const char *text)
{
	if (text)
		km_json_str(json, km_str_from(text));
	else
		km_json_null(json);
}

void km_json_unsigned(km_json_writer *json, uint64_t value)
{
	begin_value(json);
	char *at = km_buffer_reserve(json->out, KM_DECIMAL_SIZE);
	if (at)
		json->out->len += km_decimal(at, value);
}

void km_json_integer(km_json_writer *json, int64_t value)
{
	if (value >= 0) {
		km_json_unsigned(json, (uint64_t)value);
		return;
	}
	open(json, '-');
	km_json_unsigned(json, 0 - (uint64_t)value);
}

void km_json_double(km_json_writer *json, double value)
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
