#include "profiler/profile/function_keys.h"

#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/record/functions.h"
#include "profiler/symbols/symbols.h"

static const km_function_key **keys; /* by id, NULL while not known */
static uint32_t capacity;	     /* ids that fit */
static void *known;		     /* tree of all keys, for tsearch */

static int compare(const void *a, const void *b)
{
	const km_function *left = a, *right = b;
	int order = left->line - right->line;

	if (!order)
		order = strcmp(left->name, right->name);
	return order ? order : strcmp(left->file, right->file);
}

static bool name_function(km_function *function, const km_function_entry *entry)
{
	char *name;

	if (entry->library_name) {
		if (asprintf(&name, "<built-in function %s>", entry->library_name) < 0)
			return false;
		*function = (km_function){"~", 0, name};
		return true;
	}
	const km_symbol *symbol = km_symbols_find((const void *)entry->address);
	if (symbol)
		*function = (km_function){symbol->file, symbol->line, symbol->name};
	return symbol;
}

static const km_function_key *make_key(uint32_t id)
{
	km_function_key *key = malloc(sizeof *key), **found = NULL;
	bool named = key && name_function(&key->function, &km_functions[id]);

	if (named) {
		key->id = id;
		found = tsearch(key, &known, compare);
	}
	if (found && *found == key)
		return key;
	if (named && km_functions[id].library_name)
		free((void *)key->function.name);
	free(key);
	return found ? *found : NULL;
}

const km_function_key *km_function_key_of(uint32_t id)
{
	if (id >= capacity) {
		const km_function_key **more =
			realloc(keys, (km_function_count + 1) * sizeof *keys);
		if (!more)
			return NULL;
		keys = more;
		memset(keys + capacity, 0, (km_function_count + 1 - capacity) * sizeof *keys);
		capacity = km_function_count + 1;
	}
	if (!keys[id])
		keys[id] = make_key(id);
	return keys[id];
}
