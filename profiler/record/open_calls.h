/* The calls that are open in a recording: its stack. */
#ifndef KM_RECORD_OPEN_CALLS_H
#define KM_RECORD_OPEN_CALLS_H

#include "profiler/record/reachable.h"

typedef struct km_open_calls {
	uint32_t *functions; /* ids, the root's 0 first, innermost last; NULL when not recording */
	uint32_t count;
	uint32_t overflowed; /* how many of them, the last ones, are in overflow frames */
	uint32_t node;	     /* index of the deepest one in the tree */
} km_open_calls;

/* Finds the open calls from the tree alone, so that the recording may be another process's, stopped
 * or dead. The layout in the recorder must be right. Returns 0 or KM_ENOMEM. */
int km_open_calls_find(km_open_calls *calls, km_recorder *recorder, const km_reachable *reachable);
/* Accepts zeroed `calls`. */
void km_open_calls_finish(km_open_calls *calls);

#endif
