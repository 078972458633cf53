#include "profiler/profile/function_keys.h"

#include <komori/base.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/record/functions.h"
#include "profiler/symbols/symbols.h"

/* Made when first needed, then kept. */
static km_function *keys;      /* by id; `name` is NULL while not known */
static uint32_t keys_capacity; /* ids that fit */

static int make_key(uint32_t id)
{
	const km_function_entry *entry = &km_functions[id];

	if (entry->library_name) {
		char *name;
		if (asprintf(&name, "<built-in function %s>", entry->library_name) < 0)
			return KM_ENOMEM;
		keys[id] = (km_function){"~", 0, name};
		return 0;
	}
	const km_symbol *symbol = km_symbols_find((const void *)entry->address);
	if (!symbol)
		return KM_ENOMEM;
	keys[id] = (km_function){symbol->file, symbol->line, symbol->name};
	return 0;
}

static int make_room(void)
{
	if (keys_capacity >= km_function_count + 1)
		return 0;
	km_function *more = realloc(keys, (km_function_count + 1) * sizeof *keys);
	if (!more)
		return KM_ENOMEM;
	keys = more;
	memset(keys + keys_capacity, 0, (km_function_count + 1 - keys_capacity) * sizeof *keys);
	keys_capacity = km_function_count + 1;
	return 0;
}

const km_function *km_function_key(uint32_t id)
{
	return make_room() || (!keys[id].name && make_key(id)) ? NULL : &keys[id];
}
