/* Finds functions of one module's debug information by address. Indexes a unit when an address in
 * it is first looked up. libdw's own look-up needs .debug_aranges, which clang does not write. */
#ifndef KM_SYMBOLS_DWARF_INDEX_H
#define KM_SYMBOLS_DWARF_INDEX_H

#include <elfutils/libdw.h>
#include <stdbool.h>

typedef struct km_dwarf_index km_dwarf_index;

/* Borrows `dwarf`, which must outlive the index. NULL when memory ran out. */
km_dwarf_index *km_dwarf_index_new(Dwarf *dwarf);
/* Accepts NULL. */
void km_dwarf_index_free(km_dwarf_index *index);
/* Finds the innermost function around `address`, nested or not but never inlined, and the directory
 * in which it was compiled, NULL when that is not known. `address` is one of the debug information,
 * without the module's bias. */
bool km_dwarf_index_find(km_dwarf_index *index, Dwarf_Addr address, Dwarf_Die *function,
			 const char **directory);

#endif
