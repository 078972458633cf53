#include "apps/komori/application.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_SYMBOL "application"

/* --- FILE:SYMBOL --- */

static bool is_identifier(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return *text && (*text < '0' || *text > '9') && text[strspn(text, letters)] == '\0';
}

/* Sets `symbol` and returns the file's absolute path, which stays valid when the working directory
 * changes. NULL with errno. */
static char *split(const char *operand, const char **symbol)
{
	const char *colon = strrchr(operand, ':');
	bool named = colon && is_identifier(colon + 1);
	size_t len = named ? (size_t)(colon - operand) : strlen(operand);
	char *folder = *operand == '/' ? strdup("") : getcwd(NULL, 0), *path = NULL;

	*symbol = named ? colon + 1 : DEFAULT_SYMBOL;
	if (folder &&
	    asprintf(&path, "%s%s%.*s", folder, *operand == '/' ? "" : "/", (int)len, operand) < 0)
		path = NULL;
	free(folder);
	return path;
}

/* --- the object --- */

static bool read_segment(int fd, const ElfW(Ehdr) * header, size_t index, ElfW(Phdr) * segment)
{
	off_t at = (off_t)(header->e_phoff + index * sizeof *segment);

	return pread(fd, segment, sizeof *segment, at) == sizeof *segment;
}

/* The loader crashes when it maps the missing part of a file that is still being copied. */
static bool is_cut_short(int fd, const ElfW(Ehdr) * header, size_t size)
{
	ElfW(Phdr) segment;

	for (size_t i = 0; i < header->e_phnum; i++) {
		if (!read_segment(fd, header, i, &segment))
			return true;
		bool fits = segment.p_offset <= size && segment.p_filesz <= size - segment.p_offset;
		if (segment.p_type == PT_LOAD && !fits)
			return true;
	}
	return false;
}

/* Whether the dynamic section marks the file as a position-independent program. */
static bool is_marked_pie(int fd, const ElfW(Phdr) * dynamic)
{
	size_t count = dynamic->p_filesz / sizeof(ElfW(Dyn));
	off_t at = (off_t)dynamic->p_offset;
	ElfW(Dyn) entry;

	for (size_t i = 0; i < count; i++, at += (off_t)sizeof entry) {
		if (pread(fd, &entry, sizeof entry, at) != sizeof entry || entry.d_tag == DT_NULL)
			return false;
		if (entry.d_tag == DT_FLAGS_1)
			return entry.d_un.d_val & DF_1_PIE;
	}
	return false;
}

/* A position-independent program has the type of a shared object. */
static bool is_program(int fd, const ElfW(Ehdr) * header)
{
	ElfW(Phdr) segment;

	if (header->e_type == ET_EXEC)
		return true;
	for (size_t i = 0; i < header->e_phnum; i++) {
		if (read_segment(fd, header, i, &segment) && segment.p_type == PT_DYNAMIC)
			return is_marked_pie(fd, &segment);
	}
	return false;
}

/* Returns what is wrong with the file, where the loader reports less, or NULL. */
static const char *check_file(int fd)
{
	ElfW(Ehdr) header;
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return strerror(errno);
	if (!S_ISREG(status.st_mode) || pread(fd, &header, sizeof header, 0) != sizeof header ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    (header.e_type != ET_DYN && header.e_type != ET_EXEC))
		return "not a shared object";
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return NULL; /* the loader reports it */
	if (is_program(fd, &header))
		return "a program; run it without komori, or build a shared object with "
		       "-shared -fPIC";
	return is_cut_short(fd, &header, (size_t)status.st_size)
		       ? "incomplete file; wait until it is copied"
		       : NULL;
}

static void *load(const struct command *command, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong = check_file(fd);
	void *object = NULL;

	if (fd >= 0)
		close(fd);
	if (wrong)
		complain(command, "%s: %s", path, wrong);
	else if (!(object = dlopen(path, RTLD_NOW | RTLD_LOCAL)))
		complain(command, "%s", dlerror());
	return object;
}

/* Returns NULL when no symbol has this address. */
static const ElfW(Sym) * symbol_at(const void *address)
{
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	if (!dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || info.dli_saddr != address)
		return NULL;
	return symbol;
}

/* Does not read objects that are smaller than an application. */
static bool is_application(const ElfW(Sym) * symbol, const void *address)
{
	return symbol && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT &&
	       symbol->st_size >= sizeof(km_application) &&
	       memcmp(address, KM_APPLICATION_MARK, sizeof KM_APPLICATION_MARK) == 0;
}

/* --- other applications of the object --- */

/* Some loaders relocate these pointers in place; others do not. */
static const void *dynamic_entry(const struct link_map *map, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
		ElfW(Addr) at = entry->d_un.d_ptr;
		if (entry->d_tag == tag)
			return (const void *)(at < map->l_addr ? at + map->l_addr : at);
	}
	return NULL;
}

/* The symbol table has no length: it ends with the last chain of the hash table. */
static size_t symbol_count(const struct link_map *map)
{
	const uint32_t *hash = dynamic_entry(map, DT_GNU_HASH);

	if (!hash)
		return 0;
	uint32_t bucket_count = hash[0], first = hash[1], last = 0;
	const uint32_t *buckets = hash + 4 + hash[2] * (sizeof(ElfW(Addr)) / sizeof *hash);
	const uint32_t *chains = buckets + bucket_count;
	for (uint32_t i = 0; i < bucket_count; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < first)
		return 0;
	while (!(chains[last - first] & 1))
		last++;
	return (size_t)last + 1;
}

/* Lists the names, "a, b"; empty when there are none. */
static void list_applications(void *object, char *text, size_t size)
{
	struct link_map *map;
	size_t used = 0;

	*text = '\0';
	if (dlinfo(object, RTLD_DI_LINKMAP, &map))
		return;
	const ElfW(Sym) *symbols = dynamic_entry(map, DT_SYMTAB);
	const char *strings = dynamic_entry(map, DT_STRTAB);
	size_t count = symbols && strings ? symbol_count(map) : 0;
	for (size_t i = 0; i < count && used < size; i++) {
		const ElfW(Sym) *symbol = &symbols[i];
		const void *address = (const char *)map->l_addr + symbol->st_value;
		bool here = symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < SHN_LORESERVE;
		if (here && is_application(symbol, address))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 strings + symbol->st_name);
	}
}

/* --- messages --- */

static void complain_of_absence(const struct command *command, const char *path, void *object,
				const char *name)
{
	char others[512];

	list_applications(object, others, sizeof others);
	if (*others)
		complain(command, "%s: has no application \"%s\"; it has: %s", path, name, others);
	else
		complain(command,
			 "%s: has no application; add KM_APPLICATION(%s) to one of its sources",
			 path, name);
}

/* Versions before 1.0 are compatible when their first two numbers are the same. */
static bool is_compatible(const km_application *application)
{
	size_t len = (size_t)(strrchr(KM_VERSION, '.') + 1 - KM_VERSION);

	return strncmp(application->version, KM_VERSION, len) == 0;
}

static const km_application *find(const struct command *command, const char *path, void *object,
				  const char *name)
{
	const void *address = dlsym(object, name);
	const km_application *application = address;
	const ElfW(Sym) *symbol = address ? symbol_at(address) : NULL;

	if (is_application(symbol, address) && is_compatible(application))
		return application;
	if (is_application(symbol, address))
		complain(command, "%s: was built for Komori %.23s, and this is %s; build it again",
			 path, application->version, KM_VERSION);
	else if (address)
		complain(command, "%s: \"%s\" is a %s, not made by KM_APPLICATION(%s)", path, name,
			 symbol && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC ? "function"
									      : "variable",
			 name);
	else
		complain_of_absence(command, path, object, name);
	return NULL;
}

const km_application *application_load(const struct command *command, const char *operand)
{
	const char *name;
	char *path = split(operand, &name);

	if (!path) {
		complain(command, "%s: %s", operand, strerror(errno));
		return NULL;
	}
	void *object = load(command, path);
	const km_application *application = object ? find(command, path, object, name) : NULL;
	free(path);
	return application;
}
