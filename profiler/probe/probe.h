/* Puts the probe into the running program: sleds jump to stubs, and calls of library functions go
 * through stubs. */
#ifndef KM_PROBE_PROBE_H
#define KM_PROBE_PROBE_H

#include <stddef.h>
#include <stdint.h>

/* Patches the program and every loaded shared object that has sleds and is not patched yet. Returns
 * 0, or KM_E* with one line in `error`. A call that finds nothing new costs a walk over the loaded
 * objects. Not thread-safe. */
int km_probe_enable(char *error, size_t error_size);
/* The number of functions whose sled is in use. */
size_t km_probe_sled_count(void);
/* The sleds that are not in use because a debugger's breakpoint is in them. Grows as
 * km_probe_enable finds more; each address is there once. */
const uintptr_t *km_probe_breakpoints(size_t *count);

#endif
