#include "profiler/symbols/modules.h"

#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char this_program[] = "/proc/self/exe";

/* Whether `name` is the running program. It is then read from /proc/self/exe: after a rebuild the
 * name belongs to another file. */
static bool is_this_program(const char *name)
{
	char path[4096];
	ssize_t len = readlink(this_program, path, sizeof path);

	return len > 0 && (size_t)len < sizeof path && strlen(name) == (size_t)len &&
	       memcmp(path, name, (size_t)len) == 0;
}

static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	(void)module, (void)userdata, (void)base, (void)elf;
	*file_name = strdup(name);
	return open(is_this_program(name) ? this_program : name, O_RDONLY | O_CLOEXEC);
}

/* Whether `link` exists in one of the places where dwfl_standard_find_debuginfo searches. */
static bool is_debug_link_there(const char *file, const char *link)
{
	static const char *const places[] = {"%.*s%s", "%.*s.debug/%s", "/usr/lib/debug%.*s%s"};
	const char *slash = file ? strrchr(file, '/') : NULL;
	char path[4096];

	for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
		snprintf(path, sizeof path, places[i], (int)(slash - file) + 1, file, link);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* Avoids the network: when the standard look-up finds nothing, it asks debuginfod servers, if any
 * are configured. So it runs only where there is a file to find. */
static int find_debug_info(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
			   const char *file, const char *debug_link, GElf_Word checksum,
			   char **debug_file)
{
	int fd = dwfl_build_id_find_debuginfo(module, userdata, name, base, file, debug_link,
					      checksum, debug_file);

	if (fd >= 0 || !debug_link || !is_debug_link_there(file, debug_link))
		return fd;
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

/* Counts the loads and unloads of shared objects so far, at least 1. */
static unsigned long long count_loads(void)
{
	unsigned long long loads = 0;

	dl_iterate_phdr(read_loads, &loads);
	return loads ? loads : 1;
}

static int report_object(struct dl_phdr_info *info, size_t size, void *dwfl)
{
	char path[4096];
	Dwarf_Addr low = UINT64_MAX, high = 0, page = (Dwarf_Addr)getpagesize();
	ssize_t len;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		Dwarf_Addr start = info->dlpi_addr + segment->p_vaddr;
		if (segment->p_type != PT_LOAD)
			continue;
		if (start < low)
			low = start & -page;
		if (start + segment->p_memsz > high)
			high = start + segment->p_memsz;
	}
	if (low >= high)
		return 0;
	if (*info->dlpi_name) {
		if (!realpath(info->dlpi_name, path))
			snprintf(path, sizeof path, "%s", info->dlpi_name);
	} else {
		len = readlink(this_program, path, sizeof path - 1);
		path[len > 0 ? len : 0] = '\0';
	}
	dwfl_report_module(dwfl, path, low, high);
	return 0;
}

/* Gets the index from the module: what `userdata` points to differs between versions of libdwfl. */
static int drop_module(Dwfl_Module *module, void *userdata, const char *name, Dwarf_Addr start,
		       void *arg)
{
	void **index;

	(void)userdata, (void)name, (void)start, (void)arg;
	dwfl_module_info(module, &index, NULL, NULL, NULL, NULL, NULL, NULL);
	km_dwarf_index_free(*index);
	return 0;
}

/* Lists what the dynamic loader knows. /proc/self/maps also has libelf's own mappings of the files,
 * which look like parts of the objects beside them. */
static void list_modules(km_modules *modules)
{
	dwfl_report_begin(modules->dwfl);
	dl_iterate_phdr(report_object, modules->dwfl);
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

bool km_modules_have_changed(const km_modules *modules)
{
	return modules->loads != count_loads();
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
