/* The calls that a thread was in as text. */
#ifndef KM_PROFILE_THREAD_TEXT_H
#define KM_PROFILE_THREAD_TEXT_H

#include <komori/profiler.h>

#include "framework/base/buffer.h"

/* Appends them, innermost first, one a line with the line of each call, up to that of the function
 * at `last` (NULL: all). Returns how many lines. */
size_t km_thread_text(km_buffer *out, const km_profile_thread *thread, const void *last);

#endif
