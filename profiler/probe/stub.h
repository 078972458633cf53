/* Generated stubs: memory near a program's code, and the copies of stub_x86_64.S in it. */
#ifndef KM_PROBE_STUB_H
#define KM_PROBE_STUB_H

#include <stddef.h>
#include <stdint.h>

typedef struct km_stub_area {
	char *start; /* slots shared by the stubs, then the stubs; NULL for none */
	size_t size, used;
} km_stub_area;

/* Room for `count` stubs within reach of a 32-bit jump from all of [low, high), writable until
 * km_stub_area_seal. 0, or KM_ENOMEM when there is no free address range. */
int km_stub_area_init(km_stub_area *area, size_t count, uintptr_t low, uintptr_t high);
/* Makes the stub of function `id`, whose call goes on at `body`. Returns its address for jumps from
 * a sled; km_stub_pointer is the one for pointers. Sets the function's exit. */
uintptr_t km_stub_add(km_stub_area *area, uint32_t id, uintptr_t body);
/* The address to put in a pointer to the stub that km_stub_add returned. */
uintptr_t km_stub_pointer(uintptr_t stub);
/* Executable from now on, no longer writable. 0 or KM_EIO with errno. */
int km_stub_area_seal(km_stub_area *area);
/* Unmaps an area that no sled or slot refers to. */
void km_stub_area_finish(km_stub_area *area);

#endif
