#include "profiler/stats/stats.h"

#include <stdlib.h>

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
