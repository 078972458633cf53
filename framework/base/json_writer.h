/* Writes JSON (RFC 8259) into a buffer, value by value, with the commas between them.
 *
 *	km_json json = {&buffer};
 *	km_json_object(&json);
 *	km_json_key(&json, "calls");
 *	km_json_unsigned(&json, 3);
 *	km_json_object_end(&json);
 *
 * The caller may write out and clear the buffer between two values. A buffer that fails keeps its
 * failure. Expects a locale whose decimal point is a point. */
#ifndef KM_BASE_JSON_WRITER_H
#define KM_BASE_JSON_WRITER_H

#include "framework/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct km_json {
	km_buffer *out;
	bool after_value; /* the next value needs a comma */
} km_json;

void km_json_object(km_json *json);
void km_json_object_end(km_json *json);
void km_json_array(km_json *json);
void km_json_array_end(km_json *json);
/* Begins a member of an object; its value is next. `name` needs no escapes. */
void km_json_key(km_json *json, const char *name);

/* Write a string; null for a NULL `text`. Replace bytes that are not UTF-8 by U+FFFD, and escape
 * "<", U+2028 and U+2029, so that the text can be part of a script in a page. */
void km_json_text(km_json *json, const char *text);
void km_json_str(km_json *json, km_str text);
void km_json_integer(km_json *json, int64_t value);
void km_json_unsigned(km_json *json, uint64_t value);
/* Writes 15 digits, or 17 where 15 do not read back as `value`. JSON has no infinity, which becomes
 * the largest double, and no NaN, which becomes 0. */
void km_json_double(km_json *json, double value);
void km_json_bool(km_json *json, bool value);
void km_json_null(km_json *json);

/* Appends a string to a buffer, without a writer. */
void km_json_string(km_buffer *out, km_str text);

#endif
