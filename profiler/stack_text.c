#include "profiler/stack_text.h"

#include <stdlib.h>

#include "profiler/snapshot.h"
#include "profiler/stats/labels.h"

enum { INNERMOST = 40, OUTERMOST = 10 };

static void append(km_buffer *out, const km_stats *labels, uint32_t left_out)
{
	for (uint32_t i = 0; i < labels->function_count; i++) {
		if (left_out && i == INNERMOST)
			km_buffer_printf(out, "    ... %u calls ...\n", left_out);
		km_buffer_text(out, "    ");
		km_buffer_append(out, labels->labels[i].ptr, labels->labels[i].len);
		km_buffer_char(out, '\n');
	}
}

int km_stack_text(km_buffer *out, const km_open_calls *open, const char *root_name)
{
	uint32_t left_out = 0;
	int result = KM_ENOMEM;

	if (open->count == 0)
		return 0;
	if (open->count > INNERMOST + OUTERMOST)
		left_out = open->count - INNERMOST - OUTERMOST;
	km_stats *stats = calloc(1, sizeof *stats);
	if (!stats)
		return KM_ENOMEM;
	stats->function_count = open->count - left_out;
	stats->functions = calloc(stats->function_count, sizeof *stats->functions);
	if (!stats->functions)
		goto done;
	for (uint32_t i = 0; i < stats->function_count; i++) {
		uint32_t from_top = i < INNERMOST ? i : i + left_out;
		uint32_t id = open->functions[open->count - 1 - from_top];
		const km_function *key = &(km_function){"~", 0, root_name};
		if (id && !(key = km_snapshot_key(id)))
			goto done;
		stats->functions[i] = *key;
	}
	result = km_labels_make(stats);
	if (!result)
		append(out, stats, left_out);
	if (out->failed)
		result = KM_ENOMEM;
done:
	km_stats_free(stats);
	return result;
}
