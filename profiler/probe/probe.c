#include "profiler/probe/probe.h"

#include <errno.h>
#include <komori/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "framework/base/arena.h"
#include "profiler/probe/library_calls.h"
#include "profiler/probe/object.h"
#include "profiler/probe/patch.h"
#include "profiler/probe/stub.h"
#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"

enum { SLED_SIZE = 5 };

struct sled {
	uintptr_t site, stub;
};

/* What to patch in one object. */
struct plan {
	const km_object *object;
	km_stub_area area;
	struct sled *sleds;
	size_t sled_count;
	km_library_call *calls;
	size_t call_count;
};

struct message {
	char *text;
	size_t size;
};

typedef struct addresses {
	uintptr_t *items;
	size_t count;
} addresses;

static size_t sled_count;
static addresses patched;     /* start addresses of patched objects: each is patched once */
static addresses breakpoints; /* of km_probe_breakpoints */
/* All sleds, sorted: a library call whose target has a sled is recorded there. */
static addresses sleds;
static km_arena names; /* of library functions; they outlive the objects, which may be unloaded */

static int add_addresses(addresses *to, const uintptr_t *items, size_t count)
{
	uintptr_t *more = realloc(to->items, (to->count + count + 1) * sizeof *more);

	if (!more)
		return KM_ENOMEM;
	to->items = more;
	if (count)
		memcpy(more + to->count, items, count * sizeof *more);
	to->count += count;
	return 0;
}

static bool has_address(const addresses *list, uintptr_t address)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == address)
			return true;
	return false;
}

static bool is_in_sleds(uintptr_t address)
{
	return sleds.count && bsearch(&address, sleds.items, sleds.count, sizeof *sleds.items,
				      km_compare_addresses);
}

/* A sled may follow the function's endbr64. */
static bool is_sled(uintptr_t address)
{
	return is_in_sleds(address) || is_in_sleds(address + 4);
}

/* Whether the sled is as compiled, five bytes that do nothing: gcc writes single nops, clang one
 * long nop. */
static bool is_nop(uintptr_t site)
{
	static const unsigned char nops[SLED_SIZE] = {0x90, 0x90, 0x90, 0x90, 0x90};
	const unsigned char *code = (const unsigned char *)site;

	return !memcmp(code, nops, SLED_SIZE) || !memcmp(code, "\x0f\x1f\x44\x00", 4);
}

static bool is_jump(uintptr_t site)
{
	return *(const unsigned char *)site == 0xe9;
}

/* Whether a debugger has put an int3 into the sled. The byte under it is known to the debugger
 * alone, which writes it back later: the sled cannot be patched. */
static bool has_breakpoint(uintptr_t site)
{
	return !is_nop(site) && !is_jump(site) && memchr((const void *)site, 0xcc, SLED_SIZE);
}

/* Whether the object is as loaded from its file: no sled jumps to a stub. */
static bool is_fresh(const km_object *object)
{
	bool has_nop = false;

	for (size_t i = 0; i < object->site_count; i++) {
		if (is_jump(object->sites[i]))
			return false;
		has_nop |= is_nop(object->sites[i]);
	}
	return has_nop;
}

/* An unloaded object leaves its address to another one, or to itself when it is loaded again. */
static bool is_patched(const km_object *object)
{
	return has_address(&patched, object->code_low) && !is_fresh(object);
}

static int collect_sleds(const km_object *object, void *context)
{
	(void)context;
	return add_addresses(&sleds, object->sites, object->site_count);
}

static int collect_breakpoints(const km_object *object)
{
	int result = 0;

	for (size_t i = 0; i < object->site_count && !result; i++)
		if (has_breakpoint(object->sites[i]) &&
		    !has_address(&breakpoints, object->sites[i]))
			result = add_addresses(&breakpoints, &object->sites[i], 1);
	return result;
}

static int find_sleds(struct plan *plan)
{
	const km_object *object = plan->object;

	plan->sleds = calloc(object->site_count + 1, sizeof *plan->sleds);
	if (!plan->sleds)
		return KM_ENOMEM;
	for (size_t i = 0; i < object->site_count; i++)
		if (is_nop(object->sites[i]))
			plan->sleds[plan->sled_count++].site = object->sites[i];
	return 0;
}

/* Returns the stub of a new function, 0 when memory ran out. */
static uintptr_t add_stub(struct plan *plan, const km_function_entry *entry, uintptr_t body)
{
	uint32_t id = km_function_add(entry);

	return id ? km_stub_add(&plan->area, id, body) : 0;
}

static int make_stubs(struct plan *plan)
{
	const km_object *object = plan->object;
	int result = km_stub_area_init(&plan->area, plan->sled_count + plan->call_count,
				       object->code_low, object->code_high);

	if (result)
		return result;
	for (size_t i = 0; i < plan->sled_count; i++) {
		struct sled *sled = &plan->sleds[i];
		sled->stub = add_stub(plan, &(km_function_entry){.address = sled->site},
				      sled->site + SLED_SIZE);
		if (!sled->stub)
			return KM_ENOMEM;
	}
	for (size_t i = 0; i < plan->call_count; i++) {
		km_library_call *call = &plan->calls[i];
		km_function_entry entry = {
			.address = call->target,
			.library_name = km_arena_copy(&names, call->name, strlen(call->name)),
		};
		if (entry.library_name)
			call->stub = add_stub(plan, &entry, call->target);
		if (!call->stub)
			return KM_ENOMEM;
	}
	return km_stub_area_seal(&plan->area);
}

static bool is_safe_with_threads(const struct plan *plan)
{
	for (size_t i = 0; i < plan->sled_count; i++)
		if (!km_patch_is_atomic(plan->sleds[i].site))
			return false;
	return true;
}

static int open_object(const km_object *object)
{
	int result = 0;

	for (size_t i = 0; i < object->code_segments && !result; i++)
		result = km_patch_protect(object->code[i].low, object->code[i].high,
					  object->code[i].protection | PROT_WRITE);
	if (!result && object->relro_low < object->relro_high)
		result = km_patch_protect(object->relro_low, object->relro_high,
					  PROT_READ | PROT_WRITE);
	return result;
}

/* Gives all pages their protection back, also after an open_object that failed half-way. */
static void close_object(const km_object *object)
{
	if (object->relro_low < object->relro_high)
		km_patch_protect(object->relro_low, object->relro_high, PROT_READ);
	for (size_t i = 0; i < object->code_segments; i++)
		km_patch_protect(object->code[i].low, object->code[i].high,
				 object->code[i].protection);
}

static void patch_code_and_slots(const struct plan *plan)
{
	for (size_t i = 0; i < plan->sled_count; i++)
		km_patch_jump(plan->sleds[i].site, plan->sleds[i].stub);
	for (size_t i = 0; i < plan->call_count; i++) {
		const km_library_call *call = &plan->calls[i];
		if (call->code)
			km_patch_jump(call->code, call->stub);
		if (call->slot)
			__atomic_store_n(call->slot, km_stub_pointer(call->stub), __ATOMIC_RELEASE);
	}
}

/* Patches everything, or nothing when some pages cannot be made writable. Keeps the errno of the
 * failure. */
static int patch_object(const struct plan *plan)
{
	int result = open_object(plan->object), error = errno;

	if (!result)
		patch_code_and_slots(plan);
	close_object(plan->object);
	errno = error;
	return result;
}

static int stub_and_patch(struct plan *plan, struct message *error)
{
	const char *name = plan->object->is_program ? "the program" : plan->object->path;
	uint32_t functions = km_function_count;
	int result = make_stubs(plan);

	if (result == KM_ENOMEM)
		snprintf(error->text, error->size, "no memory for %zu stubs near %s",
			 plan->sled_count + plan->call_count, name);
	if (!result)
		result = patch_object(plan);
	if (result == KM_EIO)
		snprintf(error->text, error->size,
			 "the system does not allow code to be changed in %s: %s", name,
			 strerror(errno));
	if (result) {
		km_stub_area_finish(&plan->area);
		km_function_count = functions; /* no code refers to these ids */
	}
	return result;
}

static int plan_and_patch(struct plan *plan, struct message *error)
{
	int result = find_sleds(plan);

	if (result)
		return result;
	int calls = km_library_calls_find(plan->object, is_sled, &plan->calls);
	if (calls < 0)
		return calls;
	plan->call_count = (size_t)calls;
	if (!plan->sled_count && !plan->call_count)
		return 0;
	if (!is_safe_with_threads(plan) && km_patch_has_threads()) {
		snprintf(error->text, error->size,
			 "threads are running: call km_profile_enable before they start");
		return KM_ESTATE;
	}
	return stub_and_patch(plan, error);
}

static int enable_object(const km_object *object, void *error)
{
	struct plan plan = {.object = object};

	/* Libraries without sleds are not the user's code. */
	if (is_patched(object) || (!object->is_program && !object->site_count))
		return 0;
	bool again = has_address(&patched, object->code_low);
	int result = collect_breakpoints(object);
	if (!result && !again)
		result = add_addresses(&patched, &object->code_low, 1);
	if (result)
		return result;
	result = plan_and_patch(&plan, error);
	if (!result)
		sled_count += plan.sled_count;
	else if (!again)
		patched.count--;
	free(plan.sleds);
	free(plan.calls);
	return result;
}

int km_probe_enable(char *error, size_t error_size)
{
	struct message message = {error, error_size};

	km_ticks_init();
	sleds.count = 0;
	snprintf(error, error_size, "out of memory while the probe is put into the program");
	int result = km_object_each(collect_sleds, NULL);
	if (result)
		return result;
	if (sleds.count)
		qsort(sleds.items, sleds.count, sizeof *sleds.items, km_compare_addresses);
	result = km_object_each(enable_object, &message);
	km_patch_sync();
	return result;
}

size_t km_probe_sled_count(void)
{
	return sled_count;
}

const uintptr_t *km_probe_breakpoints(size_t *count)
{
	*count = breakpoints.count;
	return breakpoints.items;
}
