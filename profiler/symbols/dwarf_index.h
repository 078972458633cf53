/* The functions of one module's debug information, by address. Units are indexed when an address in
 * them is first asked for; libdw's own look-up needs .debug_aranges, which clang does not write. */
#ifndef KM_SYMBOLS_DWARF_INDEX_H
#define KM_SYMBOLS_DWARF_INDEX_H

#include <elfutils/libdw.h>
#include <stdbool.h>

typedef struct km_dwarf_index km_dwarf_index;

/* `dwarf` is borrowed and outlives the index. NULL when memory ran out. */
km_dwarf_index *km_dwarf_index_new(Dwarf *dwarf);
/* Accepts NULL. */
void km_dwarf_index_free(km_dwarf_index *index);
/* The innermost function, nested but not inlined, around `address` (an address of the debug
 * information, without the module's bias), and the directory in which it was compiled (NULL when
 * that is not said). */
bool km_dwarf_index_find(km_dwarf_index *index, Dwarf_Addr address, Dwarf_Die *function,
			 const char **directory);

#endif
