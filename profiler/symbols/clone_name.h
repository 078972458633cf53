/* Names that compilers give to clones of a function. */
#ifndef KM_SYMBOLS_CLONE_NAME_H
#define KM_SYMBOLS_CLONE_NAME_H

#include <stddef.h>

/* The length of the name that the function has in the source: `name` without the suffixes of clones
 * (.part.0, .constprop.0, .isra.0, .cold, .llvm.123, .lto_priv.0, .localalias). */
size_t km_clone_name_length(const char *name);

#endif
