#include "profiler/stats/labels.h"

#include "framework/base/decimal.h"
#include "profiler/stats/text.h"

#include <stdlib.h>

void km_label_append(km_buffer *out, const km_function *function)
{
	bool built_in = function->line == 0 && strcmp(function->file, "~") == 0;
	size_t start = out->len;

	if (!built_in) {
		km_buffer_text(out, function->file);
		km_buffer_char(out, ':');
		km_decimal_append_signed(out, function->line);
		km_buffer_char(out, '(');
	}
	km_buffer_text(out, function->name);
	if (!built_in) {
		km_buffer_char(out, ')');
	} else if (!out->failed && out->len - start >= 2 && out->data[start] == '<' &&
		   out->data[out->len - 1] == '>') {
		out->data[start] = '{';
		out->data[out->len - 1] = '}';
	}
}

int km_labels_make(km_stats *stats)
{
	km_buffer bytes = {0};

	stats->labels = calloc(stats->function_count + 1u, sizeof *stats->labels);
	stats->label_size = calloc(stats->function_count + 1u, sizeof *stats->label_size);
	if (!stats->labels || !stats->label_size)
		return KM_ENOMEM;
	for (uint32_t i = 0; i < stats->function_count; i++) {
		size_t start = bytes.len;
		km_label_append(&bytes, &stats->functions[i]);
		stats->labels[i].len = bytes.len - start;
		km_buffer_char(&bytes, '\0');
	}
	stats->label_bytes = bytes.data;
	if (bytes.failed)
		return KM_ENOMEM;
	const char *at = bytes.data;
	for (uint32_t i = 0; i < stats->function_count; i++) {
		stats->labels[i].ptr = at;
		stats->label_size[i] = (uint32_t)km_text_length(stats->labels[i]);
		at += stats->labels[i].len + 1;
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
