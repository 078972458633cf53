/* Collapsed stacks of flamegraph.pl: "outer;inner 123" for each path, own time in nanoseconds. */
#include "profiler/export/frames.h"
#include "profiler/export/job.h"
#include "profiler/report/function_text.h"

#include <stdlib.h>

static void append_frame(km_buffer *out, const km_function *function)
{
	km_function_append(out, function, ';');
}

static void put_frame(km_buffer *text, const km_frames *frames, const km_stack *stack,
		      uint32_t function)
{
	if (function == KM_STACK_CUT) {
		km_buffer_printf(text, "(%u frames left out)", stack->left_out);
		return;
	}
	km_str frame = km_frames_text(frames, function);
	km_buffer_append(text, frame.ptr, frame.len);
}

static void put_line(km_buffer *text, const km_frames *frames, const km_stack *stack, uint64_t own)
{
	for (uint32_t i = stack->count; i-- > 0;) {
		put_frame(text, frames, stack, stack->frames[i]);
		km_buffer_char(text, i ? ';' : ' ');
	}
	km_decimal_append(text, own);
	km_buffer_char(text, '\n');
}

int km_export_collapsed(km_export *job)
{
	const km_timeline *timeline = &job->timeline;
	km_stack *stack = malloc(sizeof *stack);
	km_frames frames;
	int result = km_frames_init(&frames, timeline, append_frame);

	if (!stack)
		result = KM_ENOMEM;
	for (uint32_t i = 0; !result && !job->out.error && i < timeline->count; i++) {
		km_stack_enter(stack, timeline, i);
		if (timeline->nodes[i].own == 0)
			continue;
		put_line(&job->out.text, &frames, stack, timeline->nodes[i].own);
		job->notes.cut_stacks += stack->left_out > 0;
		km_export_out_drain(&job->out);
	}
	free(stack);
	km_frames_finish(&frames);
	return result;
}
