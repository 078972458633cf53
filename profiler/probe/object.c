#include "profiler/probe/object.h"

#include <fcntl.h>
#include <komori/base.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct visitor {
	int (*visit)(const km_object *object, void *context);
	void *context;
	size_t seen;
};

static void read_segments(km_object *object, const struct dl_phdr_info *info)
{
	object->code_low = UINTPTR_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t low = info->dlpi_addr + segment->p_vaddr, high = low + segment->p_memsz;
		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X)) {
			if (low < object->code_low)
				object->code_low = low;
			if (high > object->code_high)
				object->code_high = high;
			if (object->code_segments < KM_OBJECT_CODE_SEGMENTS) {
				size_t at = object->code_segments++;
				object->code[at].low = low;
				object->code[at].high = high;
				object->code[at].protection =
					PROT_EXEC | (segment->p_flags & PF_R ? PROT_READ : 0) |
					(segment->p_flags & PF_W ? PROT_WRITE : 0);
			}
		} else if (segment->p_type == PT_GNU_RELRO) {
			/* The loader protects whole pages inside the segment. */
			object->relro_low = low & ~(uintptr_t)4095;
			object->relro_high = high & ~(uintptr_t)4095;
		}
	}
}

static const ElfW(Dyn) * dynamic_section(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			return (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	return NULL;
}

static uintptr_t value_of(const ElfW(Dyn) * entry, ElfW(Sxword) tag)
{
	for (; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == tag)
			return entry->d_un.d_val;
	return 0;
}

/* glibc relocates these pointers in place, other C libraries do not. */
static const void *pointer_of(const km_object *object, const ElfW(Dyn) * entry, ElfW(Sxword) tag)
{
	uintptr_t at = value_of(entry, tag);

	return (const void *)(at && at < object->base ? at + object->base : at);
}

static void read_dynamic(km_object *object, const struct dl_phdr_info *info)
{
	const ElfW(Dyn) *entry = dynamic_section(info);

	object->symbols = pointer_of(object, entry, DT_SYMTAB);
	object->strings = pointer_of(object, entry, DT_STRTAB);
	object->versions = pointer_of(object, entry, DT_VERSYM);
	object->needed_versions = pointer_of(object, entry, DT_VERNEED);
	object->needed_version_count = value_of(entry, DT_VERNEEDNUM);
	object->plt_relocations = pointer_of(object, entry, DT_JMPREL);
	object->plt_relocation_count = value_of(entry, DT_PLTRELSZ) / sizeof(ElfW(Rela));
	object->relocations = pointer_of(object, entry, DT_RELA);
	object->relocation_count = value_of(entry, DT_RELASZ) / sizeof(ElfW(Rela));
}

/* Without addresses outside of the code: the linker writes 0 for functions that it dropped. */
static int add_sites(km_object *object, const uintptr_t *sites, size_t count)
{
	uintptr_t *more = realloc(object->sites, (object->site_count + count + 1) * sizeof *more);

	if (!more)
		return KM_ENOMEM;
	object->sites = more;
	for (size_t i = 0; i < count; i++)
		if (km_object_has_code(object, sites[i]))
			more[object->site_count++] = sites[i];
	return 0;
}

static int take_section(km_object *object, const char *name, const ElfW(Shdr) * section)
{
	uintptr_t address = object->base + section->sh_addr;

	if (!strcmp(name, "__patchable_function_entries") && (section->sh_flags & SHF_ALLOC))
		return add_sites(object, (const uintptr_t *)address,
				 section->sh_size / sizeof(uintptr_t));
	if (!strcmp(name, ".plt.got")) {
		object->plt_got = address;
		object->plt_got_size = section->sh_size;
	}
	return 0;
}

static int take_sections(km_object *object, const char *file, size_t size)
{
	const ElfW(Ehdr) *header = (const void *)file;
	int result = 0;

	if (header->e_shentsize != sizeof(ElfW(Shdr)) || header->e_shstrndx >= header->e_shnum ||
	    header->e_shoff >= size ||
	    (size - header->e_shoff) / sizeof(ElfW(Shdr)) < header->e_shnum)
		return 0;
	const ElfW(Shdr) *sections = (const void *)(file + header->e_shoff);
	const ElfW(Shdr) *names = &sections[header->e_shstrndx];
	for (int i = 0; i < header->e_shnum && !result; i++) {
		size_t name = names->sh_offset + sections[i].sh_name;
		if (sections[i].sh_name < names->sh_size && name < size &&
		    memchr(file + name, 0, size - name))
			result = take_section(object, file + name, &sections[i]);
	}
	return result;
}

/* Reads section headers from the object's file, because they are not loaded. An object whose file
 * cannot be read, or has none, has no sleds. */
static int read_sections(km_object *object)
{
	struct stat status;
	int fd = open(object->is_program ? "/proc/self/exe" : object->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	size_t size = fstat(fd, &status) == 0 && status.st_size > 0 ? (size_t)status.st_size : 0;
	const char *file = size < sizeof(ElfW(Ehdr))
				   ? MAP_FAILED
				   : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		return 0;
	int result = take_sections(object, file, size);
	munmap((void *)file, size);
	return result;
}

static int visit_object(struct dl_phdr_info *info, size_t size, void *context)
{
	struct visitor *visitor = context;
	km_object object = {.path = info->dlpi_name, .base = info->dlpi_addr};

	(void)size;
	object.is_program = visitor->seen++ == 0;
	read_segments(&object, info);
	uintptr_t here = (uintptr_t)visit_object;
	bool is_this_library = here >= object.code_low && here < object.code_high;
	/* The kernel's object has none. */
	bool has_file = object.is_program || strchr(object.path, '/');
	if (object.code_low > object.code_high || is_this_library || !has_file)
		return 0;
	read_dynamic(&object, info);
	int result = read_sections(&object);
	if (!result)
		result = visitor->visit(&object, visitor->context);
	free(object.sites);
	return result;
}

int km_object_each(int (*visit)(const km_object *object, void *context), void *context)
{
	struct visitor visitor = {visit, context, 0};

	return dl_iterate_phdr(visit_object, &visitor);
}

bool km_object_has_code(const km_object *object, uintptr_t address)
{
	for (size_t i = 0; i < object->code_segments; i++)
		if (address >= object->code[i].low && address < object->code[i].high)
			return true;
	return false;
}

int km_compare_addresses(const void *a, const void *b)
{
	uintptr_t left = *(const uintptr_t *)a, right = *(const uintptr_t *)b;

	return left < right ? -1 : left > right;
}

const char *km_object_symbol_version(const km_object *object, size_t symbol)
{
	if (!object->versions || !object->needed_versions)
		return NULL;
	unsigned wanted = object->versions[symbol] & 0x7fff;
	const char *need = (const char *)object->needed_versions;
	for (size_t i = 0; i < object->needed_version_count; i++) {
		const ElfW(Verneed) *file = (const void *)need;
		const char *at = need + file->vn_aux;
		for (int k = 0; k < file->vn_cnt; k++) {
			const ElfW(Vernaux) *version = (const void *)at;
			if ((version->vna_other & 0x7fff) == wanted)
				return object->strings + version->vna_name;
			at += version->vna_next;
		}
		need += file->vn_next;
	}
	return NULL;
}
