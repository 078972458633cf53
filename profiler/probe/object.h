/* The loaded ELF objects: what the probe needs to know of them. */
#ifndef KM_PROBE_OBJECT_H
#define KM_PROBE_OBJECT_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KM_OBJECT_CODE_SEGMENTS = 8 };

typedef struct km_object {
	const char *path; /* borrowed from the loader, "" for the program */
	bool is_program;
	uintptr_t base;		       /* added to the addresses in the file */
	uintptr_t code_low, code_high; /* around its executable segments */
	struct {
		uintptr_t low, high;
		int protection; /* PROT_* bits as loaded */
	} code[KM_OBJECT_CODE_SEGMENTS];
	size_t code_segments;
	uintptr_t relro_low, relro_high; /* whole pages, read-only after relocation */
	uintptr_t *sites;		 /* addresses of its sleds */
	size_t site_count;
	uintptr_t plt_got; /* section .plt.got: call stubs that jump through .got */
	size_t plt_got_size;
	/* From the dynamic section: */
	const ElfW(Sym) * symbols;
	const char *strings;
	const ElfW(Half) * versions; /* by symbol, NULL for none */
	const ElfW(Verneed) * needed_versions;
	size_t needed_version_count;
	const ElfW(Rela) * plt_relocations; /* R_X86_64_JUMP_SLOT */
	size_t plt_relocation_count;
	const ElfW(Rela) * relocations;
	size_t relocation_count;
} km_object;

/* Calls `visit` for the program and each shared object except the kernel's and this library, until
 * it returns non-zero. Returns that value, or KM_ENOMEM. The object is valid for the call. */
int km_object_each(int (*visit)(const km_object *object, void *context), void *context);

/* Whether the address lies in an executable segment of the object. */
bool km_object_has_code(const km_object *object, uintptr_t address);

/* Compares two uintptr_t, for qsort and bsearch. */
int km_compare_addresses(const void *a, const void *b);

/* The version that a symbol of the object is bound to, NULL for none. */
const char *km_object_symbol_version(const km_object *object, size_t symbol);

#endif
