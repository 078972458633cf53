#include "profiler/probe/stub.h"

#include <komori/base.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "profiler/record/enter.h"
#include "profiler/record/functions.h"
#include "profiler/record/ticks.h"

/* The places in a template that km_stub_add needs: X(kind, name) for each. */
/* clang-format off */
#define PLACES(X, kind) \
	X(kind, end) X(kind, sled) X(kind, body) X(kind, exit) X(kind, off) \
	X(kind, tls1) X(kind, tls2) X(kind, tls3) X(kind, tls4) X(kind, id1) X(kind, id2) X(kind, id3) \
	X(kind, enter) X(kind, stale) X(kind, resync)
#define CLOCK_PLACES(X) PLACES(X, clock) X(clock, read1) X(clock, read2)

/* A template of stub_x86_64.S. */
struct template {
	const char *start;
#define MEMBER(kind, name) const char *name;
	CLOCK_PLACES(MEMBER) /* read1 and read2, calls that read the clock, are NULL for the TSC */
};

#define LABEL(kind, name) extern const char km_stub_##kind##_##name[];
#define INITIALISER(kind, name) .name = km_stub_##kind##_##name,
extern const char km_stub_tsc[], km_stub_clock[];
PLACES(LABEL, tsc)
CLOCK_PLACES(LABEL)
static const struct template tsc_template = {.start = km_stub_tsc, PLACES(INITIALISER, tsc)};
static const struct template clock_template = {.start = km_stub_clock, CLOCK_PLACES(INITIALISER)};
/* clang-format on */

extern const char km_stub_on_enter[], km_stub_on_stale[], km_stub_on_resync[], km_stub_on_clock[];

/* Called by stub_x86_64.S. */
uint64_t km_stub_ticks(void);
uintptr_t km_stub_body_of(uint32_t function);

enum {
	PAGE = 4096,
	/* Pointers at the start of an area, which all of its stubs call through: */
	SLOT_ENTER = 0,
	SLOT_STALE,
	SLOT_RESYNC,
	SLOT_CLOCK,
	SLOT_COUNT,
	CACHE_LINE = 64,
};

uint64_t km_stub_ticks(void)
{
	return km_ticks_monotonic();
}

uintptr_t km_stub_body_of(uint32_t function)
{
	return km_functions[function].body;
}

static const struct template *template_in_use(void)
{
	return km_ticks_tsc ? &tsc_template : &clock_template;
}

static size_t stub_stride(void)
{
	const struct template *template = template_in_use();
	size_t bytes = (size_t)(template->end - template->start) + sizeof(uintptr_t);

	return (bytes + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

static size_t slot_bytes(void)
{
	return (SLOT_COUNT * sizeof(uintptr_t) + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

static bool map_area(km_stub_area *area, uintptr_t at, size_t size)
{
	void *found = mmap((void *)at, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (found == MAP_FAILED)
		return false;
	if (found != (void *)at) { /* kernels before 4.17 take the address for a hint */
		munmap(found, size);
		return false;
	}
	uintptr_t *slots = found;
	slots[SLOT_ENTER] = (uintptr_t)km_stub_on_enter;
	slots[SLOT_STALE] = (uintptr_t)km_stub_on_stale;
	slots[SLOT_RESYNC] = (uintptr_t)km_stub_on_resync;
	slots[SLOT_CLOCK] = (uintptr_t)km_stub_on_clock;
	*area = (km_stub_area){found, size, slot_bytes()};
	return true;
}

/* Tries addresses below the code first, because a program's heap grows upwards from its end. Keeps
 * a distance, because the loader puts libraries next to each other. */
int km_stub_area_init(km_stub_area *area, size_t count, uintptr_t low, uintptr_t high)
{
	const uintptr_t reach = (uintptr_t)1 << 31, step = 16u << 20, margin = 1u << 20;
	size_t size = (slot_bytes() + count * stub_stride() + PAGE - 1) & ~(size_t)(PAGE - 1);

	*area = (km_stub_area){0};
	if (high - low + size + 2 * margin > reach)
		return KM_ENOMEM;
	uintptr_t lowest = high + margin > reach ? high + margin - reach : PAGE * 16;
	uintptr_t highest = low + reach - margin - size;
	uintptr_t start = low > 4 * step ? low - 4 * step : 0;

	for (int pass = 0; pass < 2; pass++) {
		uintptr_t from = pass ? highest : start, to = pass ? high : lowest;
		for (uintptr_t at = from & ~(uintptr_t)(PAGE - 1); at > to && at <= highest;
		     at -= step) {
			if (map_area(area, at, size))
				return 0;
			if (at < step)
				break;
		}
	}
	return KM_ENOMEM;
}

static void put32(char *at, uint32_t value)
{
	memcpy(at, &value, sizeof value);
}

/* `instruction` is a 6-byte indirect call or jump: FF /2 or /4, then a distance from its end. */
static void point_at_slot(char *instruction, const uintptr_t *slot)
{
	put32(instruction + 2, (uint32_t)((const char *)slot - (instruction + 6)));
}

/* Replaces such an instruction by a direct call or jump if the target is in reach. A nop goes
 * first, so that the call returns to the same address. */
static void go_direct(char *instruction, char opcode, uintptr_t target)
{
	int64_t distance = (int64_t)(target - ((uintptr_t)instruction + 6));

	if (distance != (int32_t)distance)
		return;
	instruction[0] = (char)0x90; /* nop */
	instruction[1] = opcode;
	put32(instruction + 2, (uint32_t)distance);
}

static uint32_t tls_offset(void)
{
	uintptr_t base;

	__asm__("movq %%fs:0, %0" : "=r"(base));
	return (uint32_t)((uintptr_t)&km_record_current - base);
}

uintptr_t km_stub_add(km_stub_area *area, uint32_t id, uintptr_t body)
{
	const struct template *template = template_in_use();
	char *stub = area->start + area->used;
	uintptr_t *slots = (uintptr_t *)(void *)area->start;
	uintptr_t *own = (uintptr_t *)(void *)(stub + stub_stride() - sizeof(uintptr_t));
	uint32_t tls = tls_offset();

	area->used += stub_stride();
	memcpy(stub, template->start, (size_t)(template->end - template->start));
#define AT(place) (stub + (template->place - template->start))
	/* mov %fs:disp32, register and back: prefix, rex, opcode, modrm, sib, disp32 */
	put32(AT(tls1) + 5, tls);
	put32(AT(tls2) + 5, tls);
	put32(AT(tls3) + 5, tls);
	put32(AT(tls4) + 5, tls);
	put32(AT(id1) + 2, id); /* cmpl $id, (%rax): 81 38 id */
	put32(AT(id2) + 2, id);
	put32(AT(id3) + 1, id); /* pushq $id: 68 id */
	*own = body;
	point_at_slot(AT(body), own);
	point_at_slot(AT(off), own);
	go_direct(AT(body), (char)0xe8, body);
	go_direct(AT(off), (char)0xe9, body);
	point_at_slot(AT(enter), &slots[SLOT_ENTER]);
	point_at_slot(AT(stale), &slots[SLOT_STALE]);
	point_at_slot(AT(resync), &slots[SLOT_RESYNC]);
	if (template->read1) {
		point_at_slot(AT(read1), &slots[SLOT_CLOCK]);
		point_at_slot(AT(read2), &slots[SLOT_CLOCK]);
	}
	km_functions[id].body = body;
	km_functions[id].exit = (uintptr_t)AT(exit);
	return (uintptr_t)AT(sled);
#undef AT
}

uintptr_t km_stub_pointer(uintptr_t stub)
{
	const struct template *template = template_in_use();

	return stub - (uintptr_t)(template->sled - template->start);
}

int km_stub_area_seal(km_stub_area *area)
{
	return mprotect(area->start, area->size, PROT_READ | PROT_EXEC) ? KM_EIO : 0;
}

void km_stub_area_finish(km_stub_area *area)
{
	if (area->start)
		munmap(area->start, area->size);
	*area = (km_stub_area){0};
}
