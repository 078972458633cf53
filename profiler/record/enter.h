/* Enters and leaves calls where a stub cannot do so by itself.
 *
 * This code runs in the middle of users' calls. It uses general registers only, calls nothing of
 * libc, and a signal handler may interrupt it and run it again. */
#ifndef KM_RECORD_ENTER_H
#define KM_RECORD_ENTER_H

#include "profiler/record/recorder.h"

/* The node that this thread is in, NULL while it does not record. Stubs read and write it. */
extern __thread km_node *km_record_current __attribute__((tls_model("initial-exec")));
extern __thread km_recorder *km_record_recorder __attribute__((tls_model("initial-exec")));

/* Finds or adds the node of `function` called from `current`. Returns the node, with
 * KM_NODE_OVERFLOW set for an overflow frame, or 0 when the call has to run unrecorded. */
uint64_t km_record_enter(km_node *current, uint32_t function);
/* Closes the frames that a longjmp left behind, for a call at `sp` that cannot come from `current`:
 * `current` lies at or below `sp`. Returns the node that makes the call; `current` itself when it
 * made a tail call. `return_address` is that of the entered call. */
km_node *km_record_drop_stale(km_node *current, uint64_t sp, uint64_t return_address);
/* Finds the node whose body returned at `sp` when it is not the current one. Closes the frames that
 * a longjmp left behind, and overflow frames. Returns the node. */
km_node *km_record_resync(uint64_t sp);
/* Closes the frames that a longjmp left below `sp`. Returns the current node after that. */
km_node *km_record_settle(uint64_t sp);

#endif
