/* Writing into code and read-only data of the running program. */
#ifndef KM_PROBE_PATCH_H
#define KM_PROBE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True while other threads exist. */
bool km_patch_has_threads(void);

/* Makes the pages of [low, high), which have the given PROT_* now, writable as well. Code stays
 * executable meanwhile: other threads, handlers and a sanitizer's interceptors of libc may lie in
 * it. 0 or KM_EIO with errno. */
int km_patch_open(uintptr_t low, uintptr_t high, int protection);
/* Back to what they had. */
int km_patch_close(uintptr_t low, uintptr_t high, int protection);

/* True when the five bytes at `site` can be replaced while others run through them: they lie in one
 * aligned word and are one instruction, so that nobody can be in the middle of them. */
bool km_patch_is_atomic(uintptr_t site);
/* Puts a 5-byte `jmp target` at `site`. */
void km_patch_jump(uintptr_t site, uintptr_t target);
/* After the last change of code: no processor goes on with instructions it fetched before. */
void km_patch_sync(void);

#endif
