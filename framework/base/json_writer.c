#include "framework/base/json_writer.h"

#include "framework/base/decimal.h"
#include "framework/base/json.h"

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
