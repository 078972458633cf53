/* Finds the calls that a thread of another process was in, from its registers and its stack. */
#ifndef KM_SYMBOLS_UNWIND_H
#define KM_SYMBOLS_UNWIND_H

#include <komori/profiler.h>
#include <stdbool.h>
#include <stddef.h>

/* Stores up to `most` addresses of instructions, innermost first: the thread's own, then those of
 * the calls it was in. Unwinds by debug information or .eh_frame as far as the copied stack goes.
 * Sets `cut` when the thread was in more calls. Returns the number of addresses. */
size_t km_unwind(const km_profile_thread *thread, uint64_t *addresses, size_t most, bool *cut);

#endif
