/* The stack of a recording as text. */
#ifndef KM_PROFILE_STACK_TEXT_H
#define KM_PROFILE_STACK_TEXT_H

#include "framework/base/buffer.h"
#include "profiler/record/open_calls.h"

/* Appends the open calls, innermost first, one a line as the table has them; of very many the
 * middle is left out, and said so. Nothing when nothing is open. Not thread-safe, as
 * km_snapshot_key. KM_ENOMEM. */
int km_stack_text(km_buffer *out, const km_open_calls *open, const char *root_name);

#endif
