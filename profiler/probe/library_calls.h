/* Calls out of an object into shared libraries: its slots in the global offset table, and the code
 * of .plt.got. */
#ifndef KM_PROBE_LIBRARY_CALLS_H
#define KM_PROBE_LIBRARY_CALLS_H

#include "profiler/probe/object.h"
#include "profiler/probe/stub.h"

typedef struct km_library_call {
	uintptr_t *slot;  /* the pointer that calls go through; NULL when `code` is set */
	uintptr_t code;	  /* the call stub in .plt.got that jumps through a slot of its own */
	uintptr_t target; /* the library function */
	const char *name; /* borrowed from the object */
} km_library_call;

/* The calls of the object that are recorded. Returns their number and sets `calls`, which the
 * caller frees; KM_ENOMEM. Functions with a sled of their own are left out, `is_sled` tells them,
 * and so are those that must not have a stub around them. */
int km_library_calls_find(const km_object *object, bool (*is_sled)(uintptr_t address),
			  km_library_call **calls);

#endif
