#include "profiler/symbols/unwind.h"

#include <string.h>
#include <unistd.h>

#include "profiler/symbols/modules.h"

enum {
	THREAD = 1, /* any number for the only thread */
	STACK_POINTER = 7,
	PC = 16,
};

struct unwinding {
	km_profile_thread thread;
	uint64_t *addresses;
	size_t count, most;
	bool cut; /* a read went beyond the copy of the stack */
};

/* Reads from the copy of the stack alone: unwinding frames of compilers needs nothing else. */
static bool read_word(const km_profile_thread *thread, Dwarf_Addr address, Dwarf_Word *word)
{
	if (address < thread->stack_address ||
	    address - thread->stack_address > thread->stack_size ||
	    thread->stack_size - (address - thread->stack_address) < sizeof *word)
		return false;
	memcpy(word, (const char *)thread->stack + (address - thread->stack_address), sizeof *word);
	return true;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *context)
{
	struct unwinding *unwinding = context;
	bool read = read_word(&unwinding->thread, address, word);

	(void)dwfl;
	unwinding->cut |= !read;
	return read;
}

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread_context)
{
	(void)dwfl;
	if (*thread_context)
		return 0;
	*thread_context = context;
	return THREAD;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
	const struct unwinding *unwinding = context;
	Dwarf_Word registers[KM_PROFILE_REGISTERS];

	for (int i = 0; i < KM_PROFILE_REGISTERS; i++)
		registers[i] = unwinding->thread.registers[i];
	return dwfl_thread_state_registers(thread, 0, KM_PROFILE_REGISTERS, registers);
}

static const Dwfl_Thread_Callbacks callbacks = {
	.next_thread = next_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

static int add_frame(Dwfl_Frame *frame, void *context)
{
	struct unwinding *unwinding = context;
	Dwarf_Addr pc;
	bool exact;

	if (!dwfl_frame_pc(frame, &pc, &exact) || pc == 0)
		return DWARF_CB_ABORT;
	/* A return address may lie behind the end of the calling function. */
	unwinding->addresses[unwinding->count++] = exact ? pc : pc - 1;
	return unwinding->count < unwinding->most ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/* Steps out of a call through a bad pointer: the return address is at the top of the stack. */
static void leave_nowhere(km_profile_thread *thread, km_modules *modules)
{
	uint64_t *registers = thread->registers;
	Dwarf_Word caller;

	if (km_modules_find(modules, registers[PC]) ||
	    !read_word(thread, registers[STACK_POINTER], &caller) ||
	    !km_modules_find(modules, caller))
		return;
	registers[PC] = caller;
	registers[STACK_POINTER] += sizeof caller;
}

size_t km_unwind(const km_profile_thread *thread, uint64_t *addresses, size_t most, bool *cut)
{
	struct unwinding unwinding = {.thread = *thread, .addresses = addresses, .most = most};
	km_modules modules = {0};

	leave_nowhere(&unwinding.thread, &modules);
	if (modules.dwfl && dwfl_attach_state(modules.dwfl, NULL, getpid(), &callbacks, &unwinding))
		dwfl_getthread_frames(modules.dwfl, THREAD, add_frame, &unwinding);
	km_modules_finish(&modules);
	*cut = unwinding.cut || unwinding.count == most;
	return unwinding.count;
}
