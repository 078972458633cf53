#include "profiler/probe/probe.h"

#include <errno.h>
#include <komori/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "framework/base/arena.h"
#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"
#include "profiler/probe/library_calls.h"
#include "profiler/probe/object.h"
#include "profiler/probe/patch.h"
#include "profiler/probe/stub.h"

enum { SLED_SIZE = 5 };

/* What one object gets: where to jump from, and to. */
struct plan {
	const km_object *object;
	km_stub_area area;
	uintptr_t *sites, *site_stubs;
	size_t site_count;
	km_library_call *calls;
	uintptr_t *call_stubs;
	size_t call_count;
};

struct enabling {
	int result;
	char *error;
	size_t error_size;
};

static size_t sled_count;
/* Start addresses of the objects that are patched: an object is patched once. */
static uintptr_t *patched;
static size_t patched_count;
/* Names of library functions, kept for good: the object may be unloaded. */
static km_arena names;
/* Addresses of all sleds, sorted: a library call whose target has one is recorded there. */
static uintptr_t *sleds;
static size_t all_sled_count;

static bool has_address(uintptr_t address)
{
	return all_sled_count &&
	       bsearch(&address, sleds, all_sled_count, sizeof *sleds, km_compare_addresses);
}

/* A sled may come after the function's endbr64. */
static bool is_sled(uintptr_t address)
{
	return has_address(address) || has_address(address + 4);
}

/* Five bytes that do nothing: gcc writes single nops, clang one long one. Anything else was changed
 * by somebody (a debugger's breakpoint) and stays as it is. */
static bool is_untouched(uintptr_t site)
{
	static const unsigned char nops[SLED_SIZE] = {0x90, 0x90, 0x90, 0x90, 0x90};
	const unsigned char *code = (const unsigned char *)site;

	return !memcmp(code, nops, SLED_SIZE) || !memcmp(code, "\x0f\x1f\x44\x00", 4);
}

static bool is_listed(const km_object *object)
{
	for (size_t i = 0; i < patched_count; i++)
		if (patched[i] == object->code_low)
			return true;
	return false;
}

/* As it comes from its file: none of its sleds is in use. */
static bool is_new(const km_object *object)
{
	bool has_sled = false;

	for (size_t i = 0; i < object->sled_sections; i++) {
		for (size_t k = 0; k < object->sleds[i].count; k++) {
			uintptr_t site = object->sleds[i].sites[k];
			if (!km_object_has_code(object, site))
				continue;
			if (!is_untouched(site))
				return false;
			has_sled = true;
		}
	}
	return has_sled;
}

/* One that was unloaded leaves its address to others, and to itself when it is loaded again. */
static bool is_patched(const km_object *object)
{
	return is_listed(object) && !is_new(object);
}

static int collect_sleds(const km_object *object, void *context)
{
	struct enabling *enabling = context;
	size_t count = 0;

	for (size_t i = 0; i < object->sled_sections; i++)
		count += object->sleds[i].count;
	if (!count)
		return 0;
	uintptr_t *more = realloc(sleds, (all_sled_count + count) * sizeof *sleds);
	if (!more)
		return enabling->result = KM_ENOMEM;
	sleds = more;
	for (size_t i = 0; i < object->sled_sections; i++) {
		memcpy(sleds + all_sled_count, object->sleds[i].sites,
		       object->sleds[i].count * sizeof *sleds);
		all_sled_count += object->sleds[i].count;
	}
	return 0;
}

static int find_sites(struct plan *plan)
{
	const km_object *object = plan->object;
	size_t most = 0;

	for (size_t i = 0; i < object->sled_sections; i++)
		most += object->sleds[i].count;
	plan->sites = calloc(most + 1, sizeof *plan->sites);
	plan->site_stubs = calloc(most + 1, sizeof *plan->site_stubs);
	if (!plan->sites || !plan->site_stubs)
		return KM_ENOMEM;
	for (size_t i = 0; i < object->sled_sections; i++) {
		for (size_t k = 0; k < object->sleds[i].count; k++) {
			uintptr_t site = object->sleds[i].sites[k];
			/* 0: the function was dropped by the linker. */
			if (km_object_has_code(object, site) && is_untouched(site))
				plan->sites[plan->site_count++] = site;
		}
	}
	return 0;
}

static int make_stubs(struct plan *plan)
{
	const km_object *object = plan->object;
	int result = km_stub_area_init(&plan->area, plan->site_count + plan->call_count,
				       object->code_low, object->code_high);

	if (result)
		return result;
	plan->call_stubs = calloc(plan->call_count + 1, sizeof *plan->call_stubs);
	if (!plan->call_stubs)
		return KM_ENOMEM;
	for (size_t i = 0; i < plan->site_count; i++) {
		uint32_t id = km_function_add(&(km_function_entry){.address = plan->sites[i]});
		if (!id)
			return KM_ENOMEM;
		plan->site_stubs[i] = km_stub_add(&plan->area, id, plan->sites[i] + SLED_SIZE);
	}
	for (size_t i = 0; i < plan->call_count; i++) {
		const km_library_call *call = &plan->calls[i];
		char *name = km_arena_copy(&names, call->name, strlen(call->name));
		uint32_t id = name ? km_function_add(&(km_function_entry){.address = call->target,
									  .library_name = name})
				   : 0;
		if (!id)
			return KM_ENOMEM;
		plan->call_stubs[i] = km_stub_add(&plan->area, id, call->target);
	}
	return km_stub_area_seal(&plan->area);
}

static void patch_code(const struct plan *plan)
{
	for (size_t i = 0; i < plan->site_count; i++)
		km_patch_jump(plan->sites[i], plan->site_stubs[i]);
	for (size_t i = 0; i < plan->call_count; i++)
		if (plan->calls[i].code)
			km_patch_jump(plan->calls[i].code, plan->call_stubs[i]);
}

static void patch_slots(const struct plan *plan)
{
	for (size_t i = 0; i < plan->call_count; i++)
		if (plan->calls[i].slot)
			__atomic_store_n(plan->calls[i].slot, km_stub_pointer(plan->call_stubs[i]),
					 __ATOMIC_RELEASE);
}

static bool is_safe_with_threads(const struct plan *plan)
{
	for (size_t i = 0; i < plan->site_count; i++)
		if (!km_patch_is_atomic(plan->sites[i]))
			return false;
	return true;
}

static int open_object(const km_object *object)
{
	int result = 0;

	for (size_t i = 0; i < object->code_segments && !result; i++)
		result = km_patch_open(object->code[i].low, object->code[i].high,
				       object->code[i].protection);
	if (!result && object->relro_low < object->relro_high)
		result = km_patch_open(object->relro_low, object->relro_high, PROT_READ);
	return result;
}

/* Also what could not be opened. Keeps errno. */
static void close_object(const km_object *object)
{
	int error = errno;

	if (object->relro_low < object->relro_high)
		km_patch_close(object->relro_low, object->relro_high, PROT_READ);
	for (size_t i = 0; i < object->code_segments; i++)
		km_patch_close(object->code[i].low, object->code[i].high,
			       object->code[i].protection);
	errno = error;
}

/* All or nothing: what is patched are pages that could be opened. */
static int patch_object(const struct plan *plan)
{
	int result = open_object(plan->object);

	if (!result) {
		patch_slots(plan);
		patch_code(plan);
	}
	close_object(plan->object);
	return result;
}

static int plan_and_patch(struct plan *plan, struct enabling *enabling)
{
	int result = find_sites(plan);

	if (result)
		return result;
	int calls = km_library_calls_find(plan->object, is_sled, &plan->calls);
	if (calls < 0)
		return calls;
	plan->call_count = (size_t)calls;
	if (!plan->site_count && !plan->call_count)
		return 0;
	if (!is_safe_with_threads(plan) && km_patch_has_threads()) {
		snprintf(enabling->error, enabling->error_size,
			 "threads are running: call km_profile_enable before they start");
		return KM_ESTATE;
	}
	const char *name = plan->object->is_program ? "the program" : plan->object->path;
	uint32_t functions = km_function_count;
	result = make_stubs(plan);
	if (result == KM_ENOMEM)
		snprintf(enabling->error, enabling->error_size, "no memory for %zu stubs near %s",
			 plan->site_count + plan->call_count, name);
	if (!result)
		result = patch_object(plan);
	if (result == KM_EIO)
		snprintf(enabling->error, enabling->error_size,
			 "the system does not allow code to be changed in %s: %s", name,
			 strerror(errno));
	if (result) {
		km_stub_area_finish(&plan->area);
		km_function_count = functions; /* nothing calls these */
	}
	return result;
}

static int enable_object(const km_object *object, void *context)
{
	struct enabling *enabling = context;
	struct plan plan = {.object = object};

	/* Libraries without sleds are not the user's code. */
	if (is_patched(object) || (!object->is_program && !object->sled_sections))
		return 0;
	uintptr_t *more = realloc(patched, (patched_count + 1) * sizeof *patched);
	if (!more)
		return enabling->result = KM_ENOMEM;
	patched = more;
	enabling->result = plan_and_patch(&plan, enabling);
	if (!enabling->result) {
		if (!is_listed(object))
			patched[patched_count++] = object->code_low;
		sled_count += plan.site_count;
	}
	free(plan.sites);
	free(plan.site_stubs);
	free(plan.calls);
	free(plan.call_stubs);
	return enabling->result;
}

int km_probe_enable(char *error, size_t error_size)
{
	struct enabling enabling = {0, error, error_size};

	km_ticks_init();
	all_sled_count = 0;
	snprintf(error, error_size, "out of memory while the probe was put in");
	if (km_object_each(collect_sleds, &enabling))
		return enabling.result;
	if (all_sled_count)
		qsort(sleds, all_sled_count, sizeof *sleds, km_compare_addresses);
	km_object_each(enable_object, &enabling);
	km_patch_sync();
	return enabling.result;
}

size_t km_probe_sled_count(void)
{
	return sled_count;
}
