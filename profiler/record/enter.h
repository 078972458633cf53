/* What a stub calls when it cannot go on by itself. All of it runs in the middle of a user's call:
 * compiled for general registers only, calls nothing of libc, and may be interrupted by a signal
 * handler that comes here again. */
#ifndef KM_RECORD_ENTER_H
#define KM_RECORD_ENTER_H

#include "profiler/record/recorder.h"

/* The node that the thread is in; NULL while it does not record. Stubs read and write it. */
extern __thread km_node *km_call_tree_current __attribute__((tls_model("initial-exec")));
extern __thread km_recorder *km_call_tree_recorder __attribute__((tls_model("initial-exec")));

/* Finds or makes the context of `function` called from `current`. Returns the node, with
 * KM_NODE_OVERFLOW set for an overflow frame; 0 when the call has to run unrecorded. */
uint64_t km_call_tree_enter(km_node *current, uint32_t function);
/* `current` has no place above `sp`, so either it made a tail call, or a longjmp left it: closes
 * what was left and returns the node that really calls. `return_address` is the entered call's own.
 */
km_node *km_call_tree_stale(km_node *current, uint64_t sp, uint64_t return_address);
/* A body came back at `sp`, and the current node is not the one that waits there: closes what a
 * longjmp left, finishes overflow frames, and returns the node that returns now. */
km_node *km_call_tree_resync(uint64_t sp);

/* Closes frames that a longjmp left below `sp`; returns the current node after that. */
km_node *km_call_tree_settle(uint64_t sp);

/* --- fold.c: calls that find no room in the tree --- */

/* As km_call_tree_enter. */
uint64_t km_overflow_enter(km_recorder *recorder, km_node *current, uint32_t function);
/* Accounts an overflow frame that ends at `now`, once: its ticks are 0 afterwards. */
void km_overflow_exit(km_recorder *recorder, km_node *frame, uint64_t now);
/* Where the time of an overflow frame is summed for its caller. */
uint64_t *km_overflow_caller_ticks(km_recorder *recorder, km_node *frame);

#endif
