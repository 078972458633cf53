/* Finds the calls that a thread of another process was in, from its registers and its stack. */
#ifndef KM_SYMBOLS_UNWIND_H
#define KM_SYMBOLS_UNWIND_H

#include <komori/profiler.h>
#include <stdbool.h>
#include <stddef.h>

/* Stores at most `most` addresses of instructions, innermost first: that of the thread, then those
 * of the calls that it was in. Unwinds by debug information or .eh_frame, to the end of these or of
 * the stack's copy. Sets `cut` when the thread was in more calls. Returns the number of addresses.
 */
size_t km_unwind(const km_profile_thread *thread, uint64_t *addresses, size_t most, bool *cut);

#endif
