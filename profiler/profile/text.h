/* Lines of calls, and text on its way to a user's stream. */
#ifndef KM_PROFILE_TEXT_H
#define KM_PROFILE_TEXT_H

#include <stdio.h>

#include "framework/base/buffer.h"

/* Appends a line of a stack: `call`, and ", N times" when `times` is more than 1. */
void km_text_stack_line(km_buffer *out, const km_buffer *call, unsigned times);
/* Writes `text` to `stream` and frees it. Returns 0, KM_ENOMEM when `text` has failed, or KM_EIO;
 * km_profile_error has the reason. */
int km_text_write(km_buffer *text, FILE *stream);

#endif
