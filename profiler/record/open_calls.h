/* The stack of a recording: the calls that are open in it. */
#ifndef KM_RECORD_OPEN_CALLS_H
#define KM_RECORD_OPEN_CALLS_H

#include "profiler/record/reachable.h"

typedef struct km_open_calls {
	uint32_t *functions; /* ids, outermost first, the root's 0 in front; NULL: not recording */
	uint32_t count;
	uint32_t folded; /* the last of them found no room in the tree */
	uint32_t node;	 /* the deepest one in the tree */
} km_open_calls;

/* Reads them out of the tree alone: the recording may be another process's, at rest or dead. The
 * layout in the recorder must be right. KM_ENOMEM. */
int km_open_calls_find(km_open_calls *calls, km_recorder *recorder, const km_reachable *reachable);
/* Accepts a zeroed one. */
void km_open_calls_finish(km_open_calls *calls);

#endif
