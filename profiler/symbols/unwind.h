/* The calls that a thread of another process was in, from its registers and its stack. */
#ifndef KM_SYMBOLS_UNWIND_H
#define KM_SYMBOLS_UNWIND_H

#include <komori/profiler.h>
#include <stdbool.h>
#include <stddef.h>

/* Puts the addresses of `most` instructions at most, innermost first: the one that the thread was
 * at, and the calls that it was in. They are found by debug information or .eh_frame, as far as
 * these and the copy of the stack go: `cut` says that the thread was in more. Returns how many. */
size_t km_unwind(const km_profile_thread *thread, uint64_t *addresses, size_t most, bool *cut);

#endif
