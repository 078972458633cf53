/* Finds the calls that an object makes into shared libraries: its slots in the global offset table,
 * and the call stubs of .plt.got. */
#ifndef KM_PROBE_LIBRARY_CALLS_H
#define KM_PROBE_LIBRARY_CALLS_H

#include "profiler/probe/object.h"

typedef struct km_library_call {
	uintptr_t *slot;  /* the pointer that calls go through, NULL when `code` is set */
	uintptr_t code;	  /* the call stub in .plt.got whose own slot has to stay as it is */
	uintptr_t target; /* the library function */
	const char *name; /* borrowed from the object */
	uintptr_t stub;	  /* 0; for the caller */
} km_library_call;

/* Finds the calls of the object that are recorded. Leaves out functions with a sled, as `is_sled`
 * says, and functions that must not have a stub. Returns the number of calls and sets `calls`,
 * which the caller frees, or returns KM_ENOMEM. */
int km_library_calls_find(const km_object *object, bool (*is_sled)(uintptr_t address),
			  km_library_call **calls);

#endif
