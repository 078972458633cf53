/* The text of each function in a format, made once for the many nodes of one function. */
#ifndef KM_EXPORT_FRAMES_H
#define KM_EXPORT_FRAMES_H

#include "framework/base/buffer.h"
#include "profiler/export/timeline.h"

typedef struct km_frames {
	km_buffer text;
	size_t *end; /* by function: end of its text, and start of the next one */
} km_frames;

/* `append` appends the text of one function. KM_ENOMEM. */
int km_frames_init(km_frames *frames, const km_timeline *timeline,
		   void (*append)(km_buffer *out, const km_function *function));
/* Also after a failed init. */
void km_frames_finish(km_frames *frames);

static inline km_str km_frames_text(const km_frames *frames, uint32_t function)
{
	size_t start = function ? frames->end[function - 1] : 0;

	return (km_str){frames->text.data + start, frames->end[function] - start};
}

#endif
