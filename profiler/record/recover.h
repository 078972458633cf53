/* Closes the recording of a process that died while it recorded. */
#ifndef KM_RECORD_RECOVER_H
#define KM_RECORD_RECOVER_H

#include "profiler/record/open_calls.h"

/* Ends what is open in `recorder` at the tick `died`, and leaves a tree that is whole: calls that
 * the process was just about to make or to account are there or not, nothing is half there. A tree
 * that was written over loses what hangs on bad links, and its numbers are what they are. `layout`
 * is a copy that was kept. `open` gets the calls that were open, its node the index after this.
 * What is left may be read and reset, not recorded on. KM_ENOMEM. */
int km_recorder_recover(km_recorder *recorder, const km_recorder_layout *layout, uint64_t died,
			km_open_calls *open);

#endif
