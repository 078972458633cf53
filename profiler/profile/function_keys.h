/* The names of recorded functions, as pstats keys. */
#ifndef KM_PROFILE_FUNCTION_KEYS_H
#define KM_PROFILE_FUNCTION_KEYS_H

#include "profiler/stats/tree.h"

/* The key of function `id`, which is not the root's 0. Its texts live as long as the process; two
 * ids share a key when one function is called from two objects, or for a function and its clone.
 * Valid until the next call. NULL when memory ran out. Requires km_process_lock. */
const km_function *km_function_key(uint32_t id);

#endif
