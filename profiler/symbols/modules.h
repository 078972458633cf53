/* The program and the shared objects of this process, as modules of libdwfl. */
#ifndef KM_SYMBOLS_MODULES_H
#define KM_SYMBOLS_MODULES_H

#include "profiler/symbols/dwarf_index.h"

#include <elfutils/libdwfl.h>

typedef struct km_modules {
	Dwfl *dwfl;
	unsigned long long loads; /* the loader's count when the modules were last listed */
} km_modules;

/* Finds the module around `address`, NULL when there is none. Lists the modules again when objects
 * were loaded or unloaded since the last call. */
Dwfl_Module *km_modules_find(km_modules *modules, Dwarf_Addr address);
/* Whether objects were loaded or unloaded since the last km_modules_find. */
bool km_modules_have_changed(const km_modules *modules);
/* Returns the index of the module's debug information, which the first call makes; NULL when there
 * is no such information. `bias` is the distance from the index's addresses to the module's. */
km_dwarf_index *km_module_dwarf(Dwfl_Module *module, Dwarf_Addr *bias);
/* Frees everything and leaves valid, empty modules. */
void km_modules_finish(km_modules *modules);

#endif
