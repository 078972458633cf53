/* Prints functions and other texts of a profile in one line. */
#ifndef KM_REPORT_FUNCTION_TEXT_H
#define KM_REPORT_FUNCTION_TEXT_H

#include "framework/base/buffer.h"
#include "profiler/stats/tree.h"

#include <stdbool.h>

/* Appends a text in which control characters, bytes that are not UTF-8 and `reserved` (0: none)
 * become \xNN. */
void km_plain_append(km_buffer *out, const char *text, char reserved);
/* Appends "hello (/srv/main.c:7)", or "{built-in function sleep}", escaped as above. */
void km_function_append(km_buffer *out, const km_function *function, char reserved);
/* Appends the name without the file. */
void km_function_append_name(km_buffer *out, const km_function *function, char reserved);
/* Whether the function has no file: ("~", 0, "<built-in function sleep>"). */
bool km_function_is_built_in(const km_function *function);

#endif
