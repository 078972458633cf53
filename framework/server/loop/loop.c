#include "framework/server/loop/loop.h"

#include <stdlib.h>

/* The output begins near the start of a page. Were the input to do so as well, reads of the one
 * would wait for writes to the other, of which the processor at first compares the last twelve bits
 * of their addresses: 8 of 150 ns of a short request. */
enum { PAGE = 4096, INPUT_START = PAGE / 2, OUTPUT_SIZE = 131072 };

static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int km_loop_init(km_loop *loop)
{
	char *block = aligned_alloc(PAGE, KM_LOOP_INPUT_SIZE + PAGE);

	km_timeouts_init(&loop->timeouts);
	loop->runner.output = &loop->output;
	loop->input = block ? block + INPUT_START : NULL;
	loop->base = new_base();
	return loop->base && block && km_buffer_reserve(&loop->output, OUTPUT_SIZE - 1) ? 0
											: KM_ENOMEM;
}

void km_loop_finish(km_loop *loop)
{
	if (loop->submitted)
		event_free(loop->submitted);
	if (loop->retire)
		event_free(loop->retire);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->input)
		free(loop->input - INPUT_START);
	km_access_log_close(&loop->access_log);
	km_buffer_finish(&loop->output);
}

uint32_t km_loop_now(void)
{
	return (uint32_t)(km_clock_coarse_ns() / KM_SECOND_NS);
}

void km_loop_end_if_done(km_loop *loop)
{
	if (loop->ending && loop->connections == 0 && loop->in_threads == loop->given_up)
		event_base_loopbreak(loop->base);
}
