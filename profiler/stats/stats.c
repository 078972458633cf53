#include "profiler/stats/stats.h"

#include "profiler/stats/labels.h"

#include <stdlib.h>

int km_stats_complete(km_stats *stats)
{
	stats->totals = (km_stats_numbers){0};
	for (uint32_t i = 0; i < stats->row_count; i++) {
		stats->totals.calls += stats->rows[i].numbers.calls;
		stats->totals.primitive_calls += stats->rows[i].numbers.primitive_calls;
		stats->totals.tottime += stats->rows[i].numbers.tottime;
	}
	return km_labels_make(stats);
}

void km_stats_free(km_stats *stats)
{
	if (!stats)
		return;
	free(stats->functions);
	free(stats->labels);
	free(stats->label_size);
	free(stats->label_bytes);
	free(stats->rows);
	free(stats->callers);
	free(stats->order);
	free(stats->order_text);
	km_buffer_finish(&stats->files);
	km_arena_finish(&stats->texts);
	free(stats);
}
