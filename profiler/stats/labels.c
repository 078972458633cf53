#include "profiler/stats/labels.h"

#include "framework/base/decimal.h"
#include "profiler/stats/text.h"

#include <stdlib.h>

static size_t label_room(const km_function *function)
{
	return strlen(function->file) + strlen(function->name) + KM_LABEL_SIGNS;
}

static char *put_text(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return out + len;
}

static char *put_place(char *out, const km_function *function)
{
	uint64_t line = (uint64_t)llabs((long long)function->line);

	out = put_text(out, function->file);
	*out++ = ':';
	if (function->line < 0)
		*out++ = '-';
	out += km_decimal(out, line);
	*out++ = '(';
	out = put_text(out, function->name);
	*out++ = ')';
	return out;
}

/* Returns the length without the final NUL. */
static size_t write_label(char *label, const km_function *function)
{
	bool built_in = strcmp(function->file, "~") == 0 && function->line == 0;
	char *end = built_in ? put_text(label, function->name) : put_place(label, function);

	if (built_in && end - label >= 2 && label[0] == '<' && end[-1] == '>') {
		label[0] = '{';
		end[-1] = '}';
	}
	*end = '\0';
	return (size_t)(end - label);
}

int km_labels_make(km_stats *stats)
{
	size_t room = 0, used = 0;

	for (uint32_t i = 0; i < stats->function_count; i++)
		room += label_room(&stats->functions[i]);
	stats->labels = calloc(stats->function_count + 1u, sizeof *stats->labels);
	stats->label_size = calloc(stats->function_count + 1u, sizeof *stats->label_size);
	stats->label_bytes = malloc(room + 1);
	if (!stats->labels || !stats->label_size || !stats->label_bytes)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < stats->function_count; i++) {
		char *label = stats->label_bytes + used;
		size_t len = write_label(label, &stats->functions[i]);
		stats->labels[i] = (km_str){label, len};
		stats->label_size[i] = (uint32_t)km_text_length(stats->labels[i]);
		used += len + 1;
	}
	return 0;
}

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
