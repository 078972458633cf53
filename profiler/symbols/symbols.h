/* Code addresses of the running process as function, file and line of declaration. */
#ifndef KM_SYMBOLS_SYMBOLS_H
#define KM_SYMBOLS_SYMBOLS_H

#include <stdint.h>

/* `file` is absolute and normalised, `line` is where the function is declared. Without debug
 * information `file` is "~" and `line` 0; without any symbol `name` is "0x1234 in libfoo.so", the
 * address within the file. Clones that a compiler made carry the name of their function. */
typedef struct km_symbol {
	const char *file;
	int line;
	const char *name;
} km_symbol;

/* The function that contains `address`; a nested function counts, an inlined one does not. The
 * result and its strings live until km_symbols_finish. NULL when memory ran out. The first look-up
 * reads debug information (milliseconds and more), later ones of the same address a table.
 * Thread-safe, not for signal handlers. */
const km_symbol *km_symbols_find(const void *address);
/* File and line of the instruction at `address`, which may be of a function that was inlined there.
 * `file` as above, to be freed. KM_ENOENT without debug information, KM_ENOMEM. Thread-safe. */
int km_symbols_find_line(const void *address, char **file, int *line);
/* Frees everything; a later look-up starts anew. */
void km_symbols_finish(void);

#endif
