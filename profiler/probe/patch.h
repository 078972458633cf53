/* Writes into the code and the read-only data of the running program. */
#ifndef KM_PROBE_PATCH_H
#define KM_PROBE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the process has other threads. */
bool km_patch_has_threads(void);

/* Gives the pages of [low, high) a protection of PROT_* bits. Code must stay executable while it is
 * writable: other threads, signal handlers and a sanitizer's interceptors may run in it. Returns 0
 * or KM_EIO with errno. */
int km_patch_protect(uintptr_t low, uintptr_t high, int protection);

/* Whether the five bytes at `site` can be replaced while threads run through them: they lie in one
 * aligned word and are one instruction, so that no thread can be in the middle of them. */
bool km_patch_is_atomic(uintptr_t site);
/* Writes a 5-byte `jmp target` at `site`. */
void km_patch_jump(uintptr_t site, uintptr_t target);
/* Makes every processor fetch instructions anew. Called after the last change of code. */
void km_patch_sync(void);

#endif
