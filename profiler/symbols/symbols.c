#include "profiler/symbols/symbols.h"

#include "framework/base/arena.h"
#include "profiler/symbols/clone_name.h"
#include "profiler/symbols/modules.h"
#include "profiler/symbols/source_path.h"

#include <dwarf.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct found_symbol {
	uint64_t address;
	km_symbol symbol;
} found_symbol;

/* One table for the process, because its modules are. Kept until the process ends. */
static struct {
	pthread_mutex_t lock;
	km_modules modules;
	km_arena arena; /* symbols and their strings */
	void *found;	/* tree of found_symbol, for tsearch */
} symbols = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The directory in which the unit of `attribute` was compiled. `otherwise` when the unit lacks it,
 * as units of .dwo files do: their skeletons have it. */
static const char *compile_directory(Dwarf_Attribute *attribute, const char *otherwise)
{
	Dwarf_Die unit;
	Dwarf_Attribute directory;

	if (!dwarf_cu_die(attribute->cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL))
		return otherwise;
	const char *found = dwarf_formstring(dwarf_attr(&unit, DW_AT_comp_dir, &directory));
	return found ? found : otherwise;
}

/* Does what dwarf_decl_file does, which in libdw 0.188 counts files from 1 also in DWARF 5. NULL
 * when the function has no place in a source file. */
static const char *declaration_file(Dwarf_Die *function, Dwarf_Attribute *attribute)
{
	Dwarf_Word number;
	Dwarf_Half version;
	Dwarf_Die unit;
	Dwarf_Files *files;
	size_t count;

	if (!dwarf_attr_integrate(function, DW_AT_decl_file, attribute) ||
	    dwarf_formudata(attribute, &number) ||
	    !dwarf_cu_die(attribute->cu, &unit, &version, NULL, NULL, NULL, NULL, NULL) ||
	    (number == 0 && version < 5) || dwarf_getsrcfiles(&unit, &files, &count) ||
	    number >= count)
		return NULL;
	return dwarf_filesrc(files, number, NULL, NULL);
}

/* KM_ENOENT when the function has no place in a source file. */
static int declaration_of(Dwarf_Die *function, const char *directory, km_symbol *symbol)
{
	Dwarf_Attribute attribute;
	const char *file = declaration_file(function, &attribute);

	if (!file || dwarf_decl_line(function, &symbol->line) != 0)
		return KM_ENOENT;
	char *path = km_source_path(compile_directory(&attribute, directory), file);
	if (!path)
		return KM_ENOMEM;
	symbol->file = km_arena_copy(&symbols.arena, path, strlen(path));
	free(path);
	return symbol->file ? 0 : KM_ENOMEM;
}

static int copy_name(km_symbol *symbol, const char *name, size_t len)
{
	symbol->name = km_arena_copy(&symbols.arena, name, len);
	return symbol->name ? 0 : KM_ENOMEM;
}

/* Reads debug information. KM_ENOENT when there is none for the address. */
static int describe_by_dwarf(Dwfl_Module *module, Dwarf_Addr address, km_symbol *symbol)
{
	Dwarf_Addr bias;
	Dwarf_Die function;
	const char *directory;
	km_dwarf_index *index = km_module_dwarf(module, &bias);

	if (!index || !km_dwarf_index_find(index, address - bias, &function, &directory))
		return KM_ENOENT;
	const char *name = dwarf_diename(&function);
	if (!name)
		return KM_ENOENT;
	int result = declaration_of(&function, directory, symbol);
	if (result == KM_ENOENT)
		*symbol = (km_symbol){"~", 0, NULL};
	else if (result)
		return result;
	return copy_name(symbol, name, km_clone_name_length(name));
}

/* Reads the symbol table. Takes the address within the module when there is no symbol. */
static int describe_by_elf(Dwfl_Module *module, Dwarf_Addr address, km_symbol *symbol)
{
	GElf_Off offset;
	GElf_Sym entry;
	Dwarf_Addr start;
	char text[300];
	const char *name = dwfl_module_addrinfo(module, address, &offset, &entry, NULL, NULL, NULL);

	*symbol = (km_symbol){"~", 0, NULL};
	if (name && *name)
		return copy_name(symbol, name, km_clone_name_length(name));
	name = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
	const char *slash = name ? strrchr(name, '/') : NULL;
	snprintf(text, sizeof text, "0x%llx in %s", (unsigned long long)(address - start),
		 slash	? slash + 1
		 : name ? name
			: "?");
	return copy_name(symbol, text, strlen(text));
}

static int describe(Dwarf_Addr address, km_symbol *symbol)
{
	Dwfl_Module *module = km_modules_find(&symbols.modules, address);
	char text[32];

	if (module) {
		int result = describe_by_dwarf(module, address, symbol);
		return result == KM_ENOENT ? describe_by_elf(module, address, symbol) : result;
	}
	snprintf(text, sizeof text, "0x%llx", (unsigned long long)address);
	*symbol = (km_symbol){"~", 0, NULL};
	return copy_name(symbol, text, strlen(text));
}

static int compare(const void *a, const void *b)
{
	const found_symbol *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

/* Symbols that were handed out stay valid. */
static void keep(void *found)
{
	(void)found;
}

static const km_symbol *find(uint64_t address)
{
	if (km_modules_have_changed(&symbols.modules)) {
		/* Another object may be at these addresses now. */
		tdestroy(symbols.found, keep);
		symbols.found = NULL;
	}
	found_symbol **known = tfind(&(found_symbol){.address = address}, &symbols.found, compare);
	if (known)
		return &(*known)->symbol;
	found_symbol *found = km_arena_alloc(&symbols.arena, sizeof *found);
	if (!found || describe(address, &found->symbol))
		return NULL;
	found->address = address;
	return tsearch(found, &symbols.found, compare) ? &found->symbol : NULL;
}

const km_symbol *km_symbols_find(const void *address)
{
	pthread_mutex_lock(&symbols.lock);
	const km_symbol *symbol = find((uint64_t)(uintptr_t)address);
	pthread_mutex_unlock(&symbols.lock);
	return symbol;
}

static int find_line(Dwarf_Addr address, char **file, int *line)
{
	Dwfl_Module *module = km_modules_find(&symbols.modules, address);
	Dwarf_Addr bias;
	km_dwarf_index *index = module ? km_module_dwarf(module, &bias) : NULL;
	Dwarf_Die function, unit;
	const char *directory;

	if (!index || !km_dwarf_index_find(index, address - bias, &function, &directory) ||
	    !dwarf_diecu(&function, &unit, NULL, NULL))
		return KM_ENOENT;
	Dwarf_Line *found = dwarf_getsrc_die(&unit, address - bias);
	const char *name = found ? dwarf_linesrc(found, NULL, NULL) : NULL;
	if (!name || dwarf_lineno(found, line) || *line == 0)
		return KM_ENOENT;
	*file = km_source_path(directory, name);
	return *file ? 0 : KM_ENOMEM;
}

int km_symbols_find_line(const void *address, char **file, int *line)
{
	pthread_mutex_lock(&symbols.lock);
	int result = find_line((uint64_t)(uintptr_t)address, file, line);
	pthread_mutex_unlock(&symbols.lock);
	return result;
}
