/* A worker that crashes stops until its master has printed where it was, and then dies of the same
 * signal. */
#ifndef KM_MASTER_CRASH_H
#define KM_MASTER_CRASH_H

#include "framework/master/scoreboard.h"

/* Catches SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT where nobody else does. For the main thread
 * of a worker, before the program's own code runs there; both outlive the process. */
void km_crash_catch(km_worker_slot *slot, km_crash_stack *stack);
/* Gives the calling thread, which runs handlers, the number of its progress, and a stack on which
 * it can tell of an overflow of its own unless it has one. Returns 0, KM_ENOMEM or KM_EIO. */
int km_crash_thread(uint32_t thread);
/* Frees what km_crash_thread made for the same thread. */
void km_crash_thread_end(void);
/* Called by the master: the worker may die. */
void km_crash_printed(km_crash *crash);

#endif
