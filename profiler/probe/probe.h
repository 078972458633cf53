/* Puts the probe into the running program: sleds jump to stubs, calls of library functions lead
 * through them. */
#ifndef KM_PROBE_PROBE_H
#define KM_PROBE_PROBE_H

#include <stddef.h>

/* Patches the program and every shared object that has sleds and is not patched yet. 0, or KM_E*
 * with one line in `error`. A call that finds nothing new costs a walk over the loaded objects. Not
 * thread-safe. */
int km_probe_enable(char *error, size_t error_size);
/* Functions of the program with a sled that is in use. */
size_t km_probe_sled_count(void);

#endif
