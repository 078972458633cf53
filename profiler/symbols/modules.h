/* The program and the shared objects of this process, as libdwfl sees them. */
#ifndef KM_SYMBOLS_MODULES_H
#define KM_SYMBOLS_MODULES_H

#include "profiler/symbols/dwarf_index.h"

#include <elfutils/libdwfl.h>

typedef struct km_modules {
	Dwfl *dwfl;
	unsigned long long loads; /* of the dynamic loader, when the modules were last listed */
} km_modules;

/* The module around `address`, NULL when there is none. Lists the modules when objects were loaded
 * since they were last listed. */
Dwfl_Module *km_modules_find(km_modules *modules, Dwarf_Addr address);
/* Whether objects were loaded or unloaded since km_modules_find was called last. */
bool km_modules_have_changed(const km_modules *modules);
/* The module's debug information by address, made when first asked for; `bias` is what the module's
 * addresses have more than those of the index. NULL when it has none. */
km_dwarf_index *km_module_dwarf(Dwfl_Module *module, Dwarf_Addr *bias);
/* Leaves a zeroed `modules`, valid and empty. */
void km_modules_finish(km_modules *modules);

#endif
