#include "profiler/report/function_text.h"

#include "framework/base/unicode.h"

static bool stands_for_itself(uint32_t character, char reserved)
{
	bool lone_byte = character >= 0xdc80 && character <= 0xdcff;

	return character >= 0x20 && character != 0x7f && !lone_byte &&
	       (reserved == 0 || character != (unsigned char)reserved);
}

void km_plain_append(km_buffer *out, const char *text, char reserved)
{
	for (km_str rest = km_str_from(text); rest.len;) {
		km_str bytes = rest;
		if (stands_for_itself(km_unicode_next(&rest), reserved))
			km_buffer_append(out, bytes.ptr, bytes.len - rest.len);
		else
			km_buffer_printf(out, "\\x%02x", (unsigned char)*bytes.ptr);
	}
}

bool km_function_is_built_in(const km_function *function)
{
	return function->line == 0 && strcmp(function->file, "~") == 0;
}

void km_function_append_name(km_buffer *out, const km_function *function, char reserved)
{
	size_t start = out->len;

	km_plain_append(out, function->name, reserved);
	if (out->failed || out->len - start < 2 || !km_function_is_built_in(function) ||
	    out->data[start] != '<' || out->data[out->len - 1] != '>')
		return;
	out->data[start] = '{';
	out->data[out->len - 1] = '}';
}

void km_function_append(km_buffer *out, const km_function *function, char reserved)
{
	km_function_append_name(out, function, reserved);
	if (km_function_is_built_in(function))
		return;
	km_buffer_text(out, " (");
	km_plain_append(out, function->file, reserved);
	km_buffer_printf(out, ":%d)", function->line);
}
