/* Catches crashes in a worker: it waits until the supervisor has printed its stack, and then dies
 * of the same signal. */
#ifndef KM_MASTER_CRASH_H
#define KM_MASTER_CRASH_H

#include "framework/master/scoreboard.h"

/* Catches SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, unless the program does. Called in the main
 * thread of a worker, before the program's own code runs there. Both arguments outlive the process.
 */
void km_crash_catch(km_worker_slot *slot, km_crash_stack *stack);
/* Gives the calling thread, which runs handlers, the index of its request slot, and a signal stack,
 * unless it has one, on which it can report an overflow of its own. KM_ENOMEM or KM_EIO. */
int km_crash_thread(uint32_t thread);
/* Frees the signal stack that km_crash_thread made for the calling thread. */
void km_crash_thread_end(void);
/* Lets the worker die. Called by the supervisor. */
void km_crash_printed(km_crash *crash);

#endif
