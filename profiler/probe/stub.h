/* Generates stubs: memory near a program's code, filled with copies of stub_x86_64.S. */
#ifndef KM_PROBE_STUB_H
#define KM_PROBE_STUB_H

#include <stddef.h>
#include <stdint.h>

typedef struct km_stub_area {
	char *start; /* slots that the stubs share, then the stubs; NULL for no area */
	size_t size, used;
} km_stub_area;

/* Maps room for `count` stubs that 32-bit jumps reach from everywhere in [low, high). It is
 * writable until km_stub_area_seal. Returns 0, or KM_ENOMEM when no address range is free. */
int km_stub_area_init(km_stub_area *area, size_t count, uintptr_t low, uintptr_t high);
/* Makes the stub of function `id`, which calls `body`. Returns its address for the jump in a sled;
 * km_stub_pointer has the one for pointers. Sets the function's body and exit. */
uintptr_t km_stub_add(km_stub_area *area, uint32_t id, uintptr_t body);
/* The address of the stub that km_stub_add returned, to store in a pointer: of its endbr64. */
uintptr_t km_stub_pointer(uintptr_t stub);
/* Makes the area executable and no longer writable. Returns 0 or KM_EIO with errno. */
int km_stub_area_seal(km_stub_area *area);
/* Unmaps the area. No sled or slot may refer to it. */
void km_stub_area_finish(km_stub_area *area);

#endif
