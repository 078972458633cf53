/* Turns code addresses of this process into functions, files and lines. */
#ifndef KM_SYMBOLS_SYMBOLS_H
#define KM_SYMBOLS_SYMBOLS_H

#include <stdint.h>

/* `file` is absolute and normalised, `line` is that of the function's declaration. Without debug
 * information they are "~" and 0. Without a symbol `name` is the address within the file, "0x1234
 * in libfoo.so". A clone that the compiler made has the name of its function. */
typedef struct km_symbol {
	const char *file;
	int line;
	const char *name;
} km_symbol;

/* Finds the function that contains `address`, which may be a nested function but not an inlined
 * one. The result lives as long as the process. NULL when memory ran out. The first look-up reads
 * debug information, which takes milliseconds or more; later ones of an address read a table.
 * Thread-safe, but not for signal handlers. */
const km_symbol *km_symbols_find(const void *address);
/* Finds file and line of the instruction at `address`. They may belong to a function that was
 * inlined there. The caller frees `file`, which is as above. KM_ENOENT without debug information,
 * KM_ENOMEM. Thread-safe. */
int km_symbols_find_line(const void *address, char **file, int *line);

#endif
