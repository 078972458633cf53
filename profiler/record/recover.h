/* Closes the recording of a process that died while it recorded. */
#ifndef KM_RECORD_RECOVER_H
#define KM_RECORD_RECOVER_H

#include "profiler/record/open_calls.h"

/* Ends the open calls at the tick `died` and leaves a consistent tree. A call that the process was
 * entering or leaving at that instant may be missing, but never half recorded. An overwritten tree
 * loses the nodes behind bad links; its other numbers are kept as they are. `layout` is a copy that
 * was kept elsewhere. Sets `open` to the calls that were open; its node is an index of the new
 * tree. The result may be read and reset, but not recorded further. Returns 0 or KM_ENOMEM. */
int km_recorder_recover(km_recorder *recorder, const km_recorder_layout *layout, uint64_t died,
			km_open_calls *open);

#endif
