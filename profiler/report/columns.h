/* Tables as columns: what separates each, its heading, its width, and how it prints a row. */
#ifndef KM_REPORT_COLUMNS_H
#define KM_REPORT_COLUMNS_H

#include "framework/base/buffer.h"

#include <stddef.h>

typedef struct km_column {
	const char *before;  /* text between this column and the one on its left */
	const char *heading; /* right-aligned in `width` */
	int width;	     /* in characters; longer texts extend it */
	void (*put)(km_buffer *out, const struct km_column *column, const void *row);
	size_t offset; /* of what it prints, in a row */
} km_column;

void km_columns_put_headings(km_buffer *out, const km_column *columns, size_t count);
void km_columns_put_row(km_buffer *out, const km_column *columns, size_t count, const void *row);

/* The value of a column in a row. */
static inline uint64_t km_column_count(const km_column *column, const void *row)
{
	return *(const uint64_t *)((const char *)row + column->offset);
}

static inline double km_column_double(const km_column *column, const void *row)
{
	return *(const double *)((const char *)row + column->offset);
}

/* For `put`: a count; seconds with six decimals. Right-aligned. */
void km_column_put_count(km_buffer *out, const km_column *column, const void *row);
void km_column_put_seconds(km_buffer *out, const km_column *column, const void *row);

#endif
