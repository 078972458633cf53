#include "crash.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "../base/clock.h"

enum { STACK_SIZE = 65536, PATIENCE_SECONDS = 10 };

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* A signal handler has no other way to reach them. */
static km_worker_slot *own_slot;
static __thread uint32_t own_thread = UINT32_MAX;
static __thread void *own_stack;

static uintptr_t program_counter(const void *context)
{
#ifdef __x86_64__
	return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#else
	(void)context;
	return 0;
#endif
}

/* Bounded, for a master that is gone or cannot fork. */
static void wait_for_master(km_crash *crash)
{
	const struct timespec patience = {.tv_sec = PATIENCE_SECONDS};

	while (atomic_load(&crash->printed) == 0) {
		if (syscall(SYS_futex, &crash->printed, FUTEX_WAIT, 0, &patience, NULL, 0) &&
		    errno == ETIMEDOUT)
			return;
	}
}

/* Only the first thread that crashes is told of. */
static void tell_master(km_crash *crash, int number, const siginfo_t *info, const void *context)
{
	uint32_t none = 0;

	if (!atomic_compare_exchange_strong(&crash->claimed, &none, 1))
		return;
	crash->thread = own_thread;
	crash->code = info->si_code;
	crash->address = (uintptr_t)info->si_addr;
	crash->pc = program_counter(context);
	crash->at_ns = km_clock_monotonic_ns();
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
		tell_master(&own_slot->crash, number, info, context);
		wait_for_master(&own_slot->crash);
	}
	sigaction(number, &fatal_again, NULL);
	if (info->si_code <= 0)
		syscall(SYS_tgkill, getpid(), gettid(), number);
	errno = saved;
}

void km_crash_catch(km_worker_slot *slot)
{
	struct sigaction caught = {
		.sa_sigaction = on_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	own_slot = slot;
	for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
		struct sigaction before;
		/* A sanitizer or a crash reporter of the program's has its own way. */
		if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(fatal[i], &caught, NULL);
	}
}

int km_crash_thread(uint32_t thread)
{
	stack_t stack = {.ss_size = STACK_SIZE}, before;

	own_thread = thread;
	if (sigaltstack(NULL, &before) == 0 && !(before.ss_flags & SS_DISABLE))
		return 0; /* a sanitizer's, or the program's own */
	stack.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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
