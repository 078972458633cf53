/* Writes JSON (RFC 8259) into a buffer, value by value; commas are put where they belong.
 *
 *	km_json_writer json = {&buffer};
 *	km_json_object(&json);
 *	km_json_key(&json, "calls");
 *	km_json_unsigned(&json, 3);
 *	km_json_object_end(&json);
 *
 * Between two values the buffer may be written out and cleared. A buffer that fails keeps its
 * failure; what follows has no effect. Expects a locale whose decimal point is a point. */
#ifndef KM_BASE_JSON_WRITER_H
#define KM_BASE_JSON_WRITER_H

#include "framework/base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct km_json_writer {
	km_buffer *out;
	bool behind_value; /* a comma goes before what comes next */
} km_json_writer;

void km_json_object(km_json_writer *json);
void km_json_object_end(km_json_writer *json);
void km_json_array(km_json_writer *json);
void km_json_array_end(km_json_writer *json);
/* Begins a member of an object; its value comes next. `name` needs no escapes. */
void km_json_key(km_json_writer *json, const char *name);

/* A string; null for NULL. Bytes that are not UTF-8 become U+FFFD. "<", U+2028 and U+2029 are
 * escaped, so that the text can stand in a script of a page. */
void km_json_text(km_json_writer *json, const char *text);
void km_json_str(km_json_writer *json, km_str text);
void km_json_integer(km_json_writer *json, int64_t value);
void km_json_unsigned(km_json_writer *json, uint64_t value);
/* The shortest of 15 or 17 digits that reads back as `value`. JSON has no infinity: the largest
 * double stands for it, and 0 for what is not a number. */
void km_json_double(km_json_writer *json, double value);
void km_json_bool(km_json_writer *json, bool value);
void km_json_null(km_json_writer *json);

#endif
