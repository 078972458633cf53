/* The functions that have a stub, by id. A node's `function` is such an id. */
#ifndef KM_RECORD_FUNCTIONS_H
#define KM_RECORD_FUNCTIONS_H

#include <stdint.h>

typedef struct km_function_entry {
	uintptr_t address;	  /* of the sled, or of the library function */
	const char *library_name; /* of a library function, NULL for one of the program */
	uintptr_t body;		  /* where an unrecorded call continues */
	uintptr_t exit;		  /* where the body returns to in the stub */
} km_function_entry;

/* Indexed by id, [0] is unused. Mapped once at its full size, so that it never moves. NULL before
 * the first km_function_add. Entries do not change once they are added. */
extern km_function_entry *km_functions;
extern uint32_t km_function_count; /* ids are 1 to this */

/* Adds a function and returns its id, or 0 when memory ran out or the table is full. Not
 * thread-safe: called only while the probe is enabled. */
uint32_t km_function_add(const km_function_entry *entry);

#endif
