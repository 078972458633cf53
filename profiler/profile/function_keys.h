/* The names of recorded functions, as pstats keys. */
#ifndef KM_PROFILE_FUNCTION_KEYS_H
#define KM_PROFILE_FUNCTION_KEYS_H

#include "profiler/stats/tree.h"

typedef struct km_function_key {
	km_function function;
	uint32_t id; /* the first id that was found to have this key */
} km_function_key;

/* Finds the key of function `id`, which is not the root's 0. Equal keys are one: two ids share a
 * key when one function is called from two objects, or for a function and its clone. Keys live as
 * long as the process. NULL when memory ran out. Requires km_process_lock. */
const km_function_key *km_function_key_of(uint32_t id);

#endif
