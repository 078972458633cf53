#include "framework/master/crash.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "framework/base/clock.h"

enum {
	STACK_SIZE = 65536,
	WAIT_SECONDS = 10,
	PAGE = 4096,
	STACK_PAGES = sizeof((km_crash_stack *)0)->bytes / PAGE + 1,
};

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* A signal handler has no other way to reach them. */
static km_worker_slot *own_slot;
static km_crash_stack *crash_stack;
static __thread uint32_t own_thread = UINT32_MAX;
static __thread void *own_stack;

#ifdef __x86_64__
static const int registers[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
				REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
				REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

static uintptr_t program_counter(const ucontext_t *context)
{
	return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
}

/* Copies with a system call, which stops where the stack ends instead of crashing again. It reads
 * an element as a whole or not at all. */
static size_t copy_pages(char *to, size_t size, uintptr_t from)
{
	struct iovec local = {to, size}, pages[STACK_PAGES];
	int count = 0;

	for (size_t done = 0, part; done < size && count < STACK_PAGES; done += part) {
		part = PAGE - (from + done) % PAGE;
		part = part < size - done ? part : size - done;
		pages[count++] = (struct iovec){(void *)(from + done), part};
	}
	long copied = syscall(SYS_process_vm_readv, getpid(), &local, 1, pages, count, 0);
	return copied > 0 ? (size_t)copied : 0;
}

/* The stack pointer of a thread whose stack overflowed may point below it. */
static void copy_stack(km_crash_stack *stack, const ucontext_t *context)
{
	uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];

	for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
		stack->registers[i] = (uint64_t)context->uc_mcontext.gregs[registers[i]];
	stack->size = 0;
	for (int tries = 0; tries < STACK_PAGES && stack->size == 0; tries++) {
		stack->address = at;
		stack->size = copy_pages(stack->bytes, sizeof stack->bytes, at);
		at = (at / PAGE + 1) * PAGE;
	}
}
#else
static uintptr_t program_counter(const ucontext_t *context)
{
	(void)context;
	return 0;
}

static void copy_stack(km_crash_stack *stack, const ucontext_t *context)
{
	(void)context;
	stack->size = 0;
}
#endif

/* Waits for a limited time: the supervisor may be gone, or unable to fork. */
static void wait_for_supervisor(km_crash *crash)
{
	const struct timespec limit = {.tv_sec = WAIT_SECONDS};

	while (atomic_load(&crash->printed) == 0) {
		if (syscall(SYS_futex, &crash->printed, FUTEX_WAIT, 0, &limit, NULL, 0) &&
		    errno == ETIMEDOUT)
			return;
	}
}

/* Reports the first thread that crashes only. */
static void report(km_crash *crash, int number, const siginfo_t *info, const ucontext_t *context)
{
	uint32_t none = 0;

	if (!atomic_compare_exchange_strong(&crash->claimed, &none, 1))
		return;
	crash->thread = own_thread;
	crash->code = info->si_code;
	crash->address = (uintptr_t)info->si_addr;
	crash->pc = program_counter(context);
	crash->at_ns = km_clock_monotonic_ns();
	copy_stack(crash_stack, context);
	atomic_store(&crash->signal, (uint32_t)number);
	km_worker_slot_wake(own_slot);
}

/* The signal has its default effect when it comes again. One that another process or abort() sent
 * would not come again by itself. */
static void on_crash(int number, siginfo_t *info, void *context)
{
	const struct sigaction fatal_again = {.sa_handler = SIG_DFL};
	int saved = errno;

	/* A child that a handler forked has no part in this. */
	if (atomic_load(&own_slot->pid) == getpid()) {
		report(&own_slot->crash, number, info, context);
		wait_for_supervisor(&own_slot->crash);
	}
	sigaction(number, &fatal_again, NULL);
	if (info->si_code <= 0)
		syscall(SYS_tgkill, getpid(), gettid(), number);
	errno = saved;
}

void km_crash_catch(km_worker_slot *slot, km_crash_stack *stack)
{
	struct sigaction caught = {
		.sa_sigaction = on_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	own_slot = slot;
	crash_stack = stack;
	for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
		struct sigaction before;
		/* A sanitizer, or a crash reporter of the program, keeps its handler. */
		if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(fatal[i], &caught, NULL);
	}
}

int km_crash_thread(uint32_t thread)
{
	stack_t stack = {.ss_size = STACK_SIZE}, before;

	own_thread = thread;
	if (sigaltstack(NULL, &before) == 0 && !(before.ss_flags & SS_DISABLE))
		return 0; /* of a sanitizer, or of the program */
	stack.ss_sp =
		mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		return KM_ENOMEM;
	own_stack = stack.ss_sp;
	return sigaltstack(&stack, NULL) ? KM_EIO : 0;
}

void km_crash_thread_end(void)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	if (!own_stack)
		return;
	sigaltstack(&none, NULL);
	munmap(own_stack, STACK_SIZE);
	own_stack = NULL;
}

void km_crash_printed(km_crash *crash)
{
	atomic_store(&crash->printed, 1);
	syscall(SYS_futex, &crash->printed, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}
