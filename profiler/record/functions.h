/* The functions that have a stub, by id: what a node's `function` means. Ids start at 1; the table
 * only grows, and an entry never changes once it is there. */
#ifndef KM_RECORD_FUNCTIONS_H
#define KM_RECORD_FUNCTIONS_H

#include <stdint.h>

typedef struct km_function_entry {
	uintptr_t
		address; /* where the function's code is; of the sled, or of the library function */
	const char *library_name; /* of a library function; NULL for one of the program */
	uintptr_t body;		  /* where a call goes on unrecorded */
	uintptr_t exit;		  /* where the body returns to in the stub */
} km_function_entry;

/* Zeroed; mapped once at its full size, so that it never moves. [0] is unused. NULL before the
 * first km_function_add. */
extern km_function_entry *km_functions;
extern uint32_t km_function_count; /* ids are 1 to this */

static inline uintptr_t km_function_exit(uint32_t id)
{
	return km_functions[id].exit;
}

/* Adds one and returns its id; 0 when memory ran out or the table is full. Not thread-safe: only
 * while the probe is being put in. */
uint32_t km_function_add(const km_function_entry *entry);

#endif
