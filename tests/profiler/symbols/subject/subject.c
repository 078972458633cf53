/* Functions for look-ups: subject_addresses() calls each and keeps an address from inside it. The
 * comment "at NAME" marks the line that declares NAME. */
#include "subject.h"

/* The line number makes bodies differ, which a compiler would merge otherwise. */
#define HERE()                                                                                     \
	({                                                                                         \
		void *here;                                                                        \
		__asm__ volatile("lea 0(%%rip), %0 # %1" : "=r"(here) : "i"(__LINE__));            \
		here;                                                                              \
	})

#include "../subject/./helper.h"

enum { MOST = 32 };

static subject_address addresses[MOST];
static int used;

static void keep(const char *name, void *address)
{
	addresses[used++] = (subject_address){name, address};
}

static __attribute__((noinline)) void *local(void) /* at local */
{
	return HERE();
}

void *global_function(void);

__attribute__((noinline)) void *global_function(void) /* at global_function */
{
	return HERE();
}

static inline __attribute__((always_inline)) void *inlined(void)
{
	return HERE();
}

static __attribute__((noinline)) void *outer(void) /* at outer */
{
	return inlined();
}

/* Has one constant argument only, so gcc makes scaled.constprop.0. */
static __attribute__((noinline)) void *scaled(int factor, volatile int *sink) /* at scaled */
{
	for (int i = 0; i < factor; i++)
		*sink += factor * i;
	return HERE();
}

static __attribute__((noinline, cold)) void *unlikely_call(volatile int *sink)
{
	*sink += 1;
	return HERE();
}

/* The branch to a cold function becomes divided.cold. */
static __attribute__((noinline)) void *divided(volatile int *sink) /* at divided */
{
	void *found = 0;

	if (__builtin_expect(*sink != 12345, 0)) {
		unlikely_call(sink);
		found = HERE();
		unlikely_call(sink);
	}
	return found;
}

#ifndef __clang__
static __attribute__((noinline)) void *around(int *inside) /* at around */
{
	auto void *nested(void) __attribute__((noinline));
	void *nested(void) /* at nested */
	{
		*inside += 1;
		return HERE();
	}

	keep("nested", nested());
	return HERE();
}
#endif

const subject_address *subject_addresses(void) /* at subject_addresses */
{
	static volatile int sink;

	used = 0;
	keep("subject_addresses", HERE());
	keep("local", local());
	keep("local", (void *)(uintptr_t)local); /* its first byte */
	keep("global_function", global_function());
	keep("in_header", in_header());
	keep("outer", outer());
	keep("scaled", scaled(7, &sink));
	keep("divided", divided(&sink));
#ifndef __clang__
	int inside = 0;
	keep("around", around(&inside));
#endif
	keep(0, 0);
	return addresses;
}
