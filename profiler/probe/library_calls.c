#include "profiler/probe/library_calls.h"

#include <dlfcn.h>
#include <komori/base.h>
#include <stdlib.h>
#include <string.h>

/* Functions that break with a stub around them: they return twice or not at all, walk the stack, or
 * look at their caller's address. C++ functions (_Z) may throw, and no unwinder can pass a stub. */
static const char never[] =
	"setjmp _setjmp __setjmp sigsetjmp __sigsetjmp longjmp _longjmp siglongjmp __longjmp_chk "
	"vfork __vfork getcontext setcontext swapcontext makecontext exit _exit _Exit quick_exit "
	"abort pthread_exit thrd_exit __assert __assert_fail __assert_perror_fail err errx verr "
	"verrx __stack_chk_fail __fortify_fail __chk_fail __libc_start_main __gmon_start__ "
	"__tls_get_addr dlsym dlvsym dlopen dlmopen __pthread_unwind_next __longjmp_cancel mcount "
	"__fentry__ savectx rt_sigreturn __cxa_* _Unwind_* __gxx_* __asan_* __ubsan_* __tsan_* "
	"__msan_* __lsan_* _Z* __hwasan_* __sanitizer_* __sancov_* __gcov_* __llvm_* _ITM_* _dl_*";

static bool may_have_stub(const char *name)
{
	size_t len = strlen(name), size;

	for (const char *word = never; *word; word += size + strspn(word + size, " ")) {
		size = strcspn(word, " ");
		if (word[size - 1] == '*' ? !strncmp(name, word, size - 1)
					  : size == len && !memcmp(name, word, len))
			return false;
	}
	return len > 0;
}

static bool is_own_code(uintptr_t address)
{
	Dl_info target, own;

	return dladdr((void *)address, &target) && dladdr((void *)(uintptr_t)is_own_code, &own) &&
	       target.dli_fbase == own.dli_fbase;
}

static bool is_data(uintptr_t address)
{
	Dl_info info;
	ElfW(Sym) *symbol = NULL;

	if (!dladdr1((void *)address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
		return false;
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	return type == STT_OBJECT || type == STT_TLS || type == STT_COMMON;
}

static uintptr_t look_up(void *scope, const char *name, const char *version)
{
	return (uintptr_t)(version ? dlvsym(scope, name, version) : dlsym(scope, name));
}

static uintptr_t look_up_in(const char *path, const char *name, const char *version)
{
	void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
	uintptr_t found = handle ? look_up(handle, name, version) : 0;

	if (handle)
		dlclose(handle);
	return found;
}

/* Finds what the symbol is bound to: in the global scope, then in the object's own, for an object
 * opened with RTLD_LOCAL. A position-dependent program that takes the function's address makes its
 * own call stub the global address; then the first library that has the function is meant. */
static uintptr_t resolve(const km_object *object, size_t symbol, const char *name)
{
	const char *version = km_object_symbol_version(object, symbol);
	uintptr_t found = look_up(RTLD_DEFAULT, name, version);

	if (!found && !object->is_program)
		found = look_up_in(object->path, name, version);
	if (!found || !km_object_has_code(object, found))
		return found;
	found = 0;
	for (struct link_map *map = _r_debug.r_map; map && !found; map = map->l_next) {
		if (strchr(map->l_name, '/'))
			found = look_up_in(map->l_name, name, version);
		if (km_object_has_code(object, found))
			found = 0;
	}
	return found;
}

/* Where the calls through a slot go. A bound slot holds the target. The symbol is looked up for a
 * slot that leads into the object: to lazy-binding code, or to a function that can be replaced. */
static uintptr_t target_of(const km_object *object, const ElfW(Rela) * relocation, const char *name)
{
	uintptr_t held = *(uintptr_t *)(object->base + relocation->r_offset);
	size_t symbol = ELF64_R_SYM(relocation->r_info);

	if (!km_object_has_code(object, held))
		return held;
	if (object->symbols[symbol].st_shndx == SHN_UNDEF)
		return resolve(object, symbol, name);
	uintptr_t found = look_up(RTLD_DEFAULT, name, NULL);
	return found ? found : object->base + object->symbols[symbol].st_value;
}

/* The slot of a call stub in .plt.got: `jmp *slot(%rip)` after an optional endbr64 and bnd. NULL
 * for other code. */
static uintptr_t *decode_plt_got(const unsigned char *code)
{
	int32_t distance;

	if (!memcmp(code, "\xf3\x0f\x1e\xfa", 4))
		code += 4;
	if (*code == 0xf2)
		code++;
	if (code[0] != 0xff || code[1] != 0x25)
		return NULL;
	memcpy(&distance, code + 2, sizeof distance);
	return (uintptr_t *)((uintptr_t)code + 6 + (uintptr_t)(intptr_t)distance);
}

/* The call stub in .plt.got that jumps through `slot`, 0 when there is none. */
static uintptr_t plt_got_entry(const km_object *object, const uintptr_t *slot)
{
	/* Entries are 8 bytes, or 16 with endbr64. */
	for (size_t at = 0; at + 8 <= object->plt_got_size; at += 8) {
		const unsigned char *code = (const unsigned char *)object->plt_got + at;
		if (decode_plt_got(code) == slot)
			return (uintptr_t)code;
	}
	return 0;
}

static const char *name_of(const km_object *object, const ElfW(Rela) * relocation)
{
	return object->strings + object->symbols[ELF64_R_SYM(relocation->r_info)].st_name;
}

static bool take_call(const km_object *object, const ElfW(Rela) * relocation,
		      bool (*is_sled)(uintptr_t), km_library_call *call)
{
	const char *name = name_of(object, relocation);

	if (!may_have_stub(name))
		return false;
	*call = (km_library_call){
		.name = name,
		.slot = (uintptr_t *)(object->base + relocation->r_offset),
		.target = target_of(object, relocation, name),
	};
	return call->target && !is_sled(call->target) && !is_own_code(call->target);
}

/* The slot of `call *slot(%rip)` or `jmp *slot(%rip)`, 0 for another instruction. */
static uintptr_t slot_called_at(const unsigned char *code)
{
	int32_t distance;

	if (code[0] != 0xff || (code[1] != 0x15 && code[1] != 0x25))
		return 0;
	memcpy(&distance, code + 2, sizeof distance);
	return (uintptr_t)code + 6 + (uintptr_t)(intptr_t)distance;
}

static bool calls_one_of(const km_object *object, const uintptr_t *slots, size_t count)
{
	for (size_t i = 0; i < object->code_segments; i++) {
		const unsigned char *at = (const unsigned char *)object->code[i].low;
		const unsigned char *end = (const unsigned char *)object->code[i].high - 6;
		for (; at < end && (at = memchr(at, 0xff, (size_t)(end - at))); at++) {
			uintptr_t slot = slot_called_at(at);
			bool in_plt_got = (uintptr_t)at - object->plt_got < object->plt_got_size;
			if (slot && !in_plt_got &&
			    bsearch(&slot, slots, count, sizeof slot, km_compare_addresses))
				return true;
		}
	}
	return false;
}

/* Whether the code itself calls through a GLOB_DAT slot, as -fno-plt makes it. C start-up code does
 * so as well, but only with functions that never get a stub. */
static bool calls_without_plt(const km_object *object)
{
	uintptr_t *slots = calloc(object->relocation_count + 1, sizeof *slots);
	size_t count = 0;

	for (size_t i = 0; slots && i < object->relocation_count; i++) {
		const ElfW(Rela) *relocation = &object->relocations[i];
		if (ELF64_R_TYPE(relocation->r_info) == R_X86_64_GLOB_DAT &&
		    may_have_stub(name_of(object, relocation)))
			slots[count++] = object->base + relocation->r_offset;
	}
	if (count)
		qsort(slots, count, sizeof *slots, km_compare_addresses);
	bool found = count && calls_one_of(object, slots, count);
	free(slots);
	return found;
}

int km_library_calls_find(const km_object *object, bool (*is_sled)(uintptr_t address),
			  km_library_call **calls)
{
	size_t most = object->plt_relocation_count + object->relocation_count;
	int count = 0;

	*calls = NULL;
	if (!object->symbols || !object->strings || !most)
		return 0;
	km_library_call *found = calloc(most, sizeof *found);
	if (!found)
		return KM_ENOMEM;
	for (size_t i = 0; i < object->plt_relocation_count; i++) {
		const ElfW(Rela) *relocation = &object->plt_relocations[i];
		if (ELF64_R_TYPE(relocation->r_info) == R_X86_64_JUMP_SLOT)
			count += take_call(object, relocation, is_sled, &found[count]);
	}
	/* The code may also read a function's address from such a slot. The slot stays as it is, so
	 * that pointers to library functions do not change; calls are caught in .plt.got instead.
	 * Only where the code itself calls through the slot is there no other way. */
	bool no_plt = calls_without_plt(object);
	for (size_t i = 0; i < object->relocation_count; i++) {
		const ElfW(Rela) *relocation = &object->relocations[i];
		if (ELF64_R_TYPE(relocation->r_info) != R_X86_64_GLOB_DAT)
			continue;
		uintptr_t code = plt_got_entry(
			object, (const uintptr_t *)(object->base + relocation->r_offset));
		if ((!no_plt && !code) || !take_call(object, relocation, is_sled, &found[count]) ||
		    is_data(found[count].target))
			continue;
		if (code && !no_plt) {
			found[count].code = code;
			found[count].slot = NULL;
		}
		count++;
	}
	*calls = found;
	return count;
}
