#include "profiler/stats/labels.h"

#include "profiler/stats/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_ROOM = 16 }; /* ':', a sign, ten digits, '(', ')' and the final NUL */

static size_t label_room(const km_function *function)
{
	return strlen(function->file) + strlen(function->name) + LINE_ROOM;
}

static size_t write_label(char *out, size_t room, const km_function *function)
{
	size_t len = strlen(function->name);

	if (strcmp(function->file, "~") != 0 || function->line != 0)
		return (size_t)snprintf(out, room, "%s:%d(%s)", function->file, function->line,
					function->name);
	memcpy(out, function->name, len + 1);
	if (len >= 2 && out[0] == '<' && out[len - 1] == '>') {
		out[0] = '{';
		out[len - 1] = '}';
	}
	return len;
}

int km_labels_make(km_stats *stats)
{
	size_t room = 0, used = 0;

	for (uint32_t i = 0; i < stats->row_count; i++)
		room += label_room(&stats->functions[i]);
	stats->labels = calloc(stats->row_count, sizeof *stats->labels);
	stats->label_size = calloc(stats->row_count, sizeof *stats->label_size);
	stats->label_bytes = malloc(room);
	if (!stats->labels || !stats->label_size || !stats->label_bytes)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < stats->row_count; i++) {
		char *label = stats->label_bytes + used;
		size_t len = write_label(label, room - used, &stats->functions[i]);
		stats->labels[i] = (km_str){label, len};
		stats->label_size[i] = (uint32_t)km_text_length(stats->labels[i]);
		used += len + 1;
	}
	return 0;
}
