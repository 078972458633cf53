/* Writing into code and read-only data of the running program. */
#ifndef KM_PROBE_PATCH_H
#define KM_PROBE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True while other threads exist. */
bool km_patch_has_threads(void);

/* Makes the pages of [low, high) writable. Code stays executable meanwhile: other threads, handlers and
 * a sanitizer's interceptors of libc may lie in it. 0 or KM_EIO with errno. */
int km_patch_open(uintptr_t low, uintptr_t high, bool code);
/* Back to what loaded code (read, execute) or relocated data (read) has. */
int km_patch_close(uintptr_t low, uintptr_t high, bool code);

/* True when the bytes of an instruction at `site` can be replaced while others run through it: they
 * lie in one aligned word. */
bool km_patch_is_atomic(uintptr_t site, size_t size);
/* Puts a 5-byte `jmp target` at `site`. */
void km_patch_jump(uintptr_t site, uintptr_t target);
/* After the last change of code: no processor goes on with instructions it fetched before. */
void km_patch_sync(void);

#endif
