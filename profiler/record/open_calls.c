#include "profiler/record/open_calls.h"

#include <stdlib.h>

#include "profiler/record/functions.h"

/* A signal handler's calls lie above a frame that was not open yet when the signal came. */
enum { NESTED_SIGNALS = 32 }; /* at most so many frames are skipped */

static uint32_t count_overflow(km_recorder *recorder)
{
	const km_recorder_layout *layout = &recorder->layout;
	const km_node *frames = km_recorder_frames(recorder);
	uint32_t open = 0;

	if (!recorder->overflow_calls) /* reading untouched shared pages would allocate them */
		return 0;
	for (uint32_t i = 0; i < layout->frame_capacity && i <= open + NESTED_SIGNALS; i++) {
		uint32_t function = frames[i].function;
		if (!function || function > km_function_count ||
		    function >= layout->function_capacity)
			break;
		if (km_node_is_open(&frames[i]))
			open = i + 1;
	}
	return open;
}

int km_open_calls_find(km_open_calls *calls, km_recorder *recorder, const km_reachable *reachable)
{
	const km_node *frames = km_recorder_frames(recorder);
	uint32_t depth = 1;

	*calls = (km_open_calls){.node = KM_RECORDER_ROOT};
	if (!km_node_is_open(km_recorder_root(recorder)))
		return 0;
	calls->node = reachable->deepest_open;
	calls->overflowed = count_overflow(recorder);
	if (calls->overflowed) {
		uint32_t caller = km_reachable_linked(recorder, frames, frames->parent);
		if (km_reachable_has(reachable, caller))
			calls->node = caller;
	}
	km_node *root = km_recorder_root(recorder), *node = km_recorder_node(recorder, calls->node);
	for (km_node *at = node; at > root; at = km_node_parent(at))
		depth++;
	calls->count = depth + calls->overflowed;
	calls->functions = malloc(calls->count * sizeof *calls->functions);
	if (!calls->functions)
		return KM_ENOMEM;
	for (uint32_t i = depth; i-- > 1; node = km_node_parent(node))
		calls->functions[i] = node->function;
	calls->functions[0] = 0;
	for (uint32_t i = 0; i < calls->overflowed; i++)
		calls->functions[depth + i] = frames[i].function;
	return 0;
}

void km_open_calls_finish(km_open_calls *calls)
{
	free(calls->functions);
	*calls = (km_open_calls){0};
}
