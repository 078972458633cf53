#include "profiler/export/frames.h"

#include <stdlib.h>

int km_frames_init(km_frames *frames, const km_timeline *timeline,
		   void (*append)(km_buffer *out, const km_function *function))
{
	*frames = (km_frames){.end = malloc(timeline->function_count * sizeof *frames->end)};
	if (!frames->end)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < timeline->function_count; i++) {
		append(&frames->text, &timeline->functions[i]);
		frames->end[i] = frames->text.len;
	}
	return frames->text.failed ? KM_ENOMEM : 0;
}

void km_frames_finish(km_frames *frames)
{
	km_buffer_finish(&frames->text);
	free(frames->end);
}
