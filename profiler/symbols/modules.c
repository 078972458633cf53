#include "profiler/symbols/modules.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A program that was built anew while it runs lies under its name no more; /proc knows the one that
 * runs. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	char program[4096];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program);

	if (len > 0 && (size_t)len < sizeof program && strlen(name) == (size_t)len &&
	    memcmp(program, name, (size_t)len) == 0) {
		*file_name = strdup(name);
		return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	}
	return dwfl_linux_proc_find_elf(module, userdata, name, base, file_name, elf);
}

/* The standard look-up asks debug information servers on the network when any are configured, and a
 * profile must not wait for them. */
static int find_debug_info(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
			   const char *file, const char *debug_link, GElf_Word checksum,
			   char **debug_file)
{
	const char *servers = getenv("DEBUGINFOD_URLS");

	if (servers && *servers)
		return dwfl_build_id_find_debuginfo(module, userdata, name, base, file, debug_link,
						    checksum, debug_file);
	return dwfl_standard_find_debuginfo(module, userdata, name, base, file, debug_link,
					    checksum, debug_file);
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debug_info,
};

static int read_loads(struct dl_phdr_info *info, size_t size, void *loads)
{
	(void)size;
	*(unsigned long long *)loads = info->dlpi_adds + info->dlpi_subs;
	return 1;
}

/* Loads and unloads of shared objects so far, at least 1. */
static unsigned long long count_loads(void)
{
	unsigned long long loads = 0;

	dl_iterate_phdr(read_loads, &loads);
	return loads ? loads : 1;
}

static int drop_module(Dwfl_Module *module, void *userdata, const char *name, Dwarf_Addr start,
		       void *arg)
{
	(void)module, (void)name, (void)start, (void)arg;
	km_dwarf_index_free(userdata);
	return 0;
}

static void list_modules(km_modules *modules)
{
	dwfl_report_begin(modules->dwfl);
	dwfl_linux_proc_report(modules->dwfl, getpid());
	dwfl_report_end(modules->dwfl, drop_module, NULL);
}

Dwfl_Module *km_modules_find(km_modules *modules, Dwarf_Addr address)
{
	unsigned long long loads = count_loads();

	if (!modules->dwfl) {
		modules->dwfl = dwfl_begin(&callbacks);
		modules->loads = 0;
	}
	if (!modules->dwfl)
		return NULL;
	if (modules->loads != loads) {
		list_modules(modules);
		modules->loads = loads;
	}
	return dwfl_addrmodule(modules->dwfl, address);
}

km_dwarf_index *km_module_dwarf(Dwfl_Module *module, Dwarf_Addr *bias)
{
	void **userdata;
	Dwarf *dwarf = dwfl_module_getdwarf(module, bias);

	if (!dwarf)
		return NULL;
	dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	if (!*userdata)
		*userdata = km_dwarf_index_new(dwarf);
	return *userdata;
}

static int free_index(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr start,
		      void *arg)
{
	(void)module, (void)name, (void)start, (void)arg;
	km_dwarf_index_free(*userdata);
	return DWARF_CB_OK;
}

void km_modules_finish(km_modules *modules)
{
	if (modules->dwfl) {
		dwfl_getmodules(modules->dwfl, free_index, NULL, 0);
		dwfl_end(modules->dwfl);
	}
	*modules = (km_modules){0};
}
