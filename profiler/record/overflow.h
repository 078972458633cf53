/* Calls that find no room in the call tree.
 *
 * Each such call is recorded in an overflow frame, on a stack of its own, and summed by function
 * according to cProfile's rules (CPython Modules/_lsprof.c). Counts and own times stay exact; the
 * path by which a function was called is lost. */
#ifndef KM_RECORD_OVERFLOW_H
#define KM_RECORD_OVERFLOW_H

#include "profiler/record/recorder.h"

/* Enters `function` from `current`. Returns as km_record_enter does. */
uint64_t km_overflow_enter(km_recorder *recorder, km_node *current, uint32_t function);
/* Adds a frame that ends at tick `now` to the sums, once: its ticks are 0 afterwards. */
void km_overflow_exit(km_recorder *recorder, km_node *frame, uint64_t now);

#endif
