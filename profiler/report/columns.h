/* A table as columns: what separates each, its heading, its width and how it prints a row. */
#ifndef KM_REPORT_COLUMNS_H
#define KM_REPORT_COLUMNS_H

#include "framework/base/buffer.h"

typedef struct km_column {
	const char *before;  /* text between this column and the one on its left */
	const char *heading; /* right-aligned in `width` */
	int width;	     /* characters of the column; longer texts extend it */
	void (*put)(km_buffer *out, int width, const void *row);
} km_column;

void km_columns_put_headings(km_buffer *out, const km_column *columns, size_t count);
void km_columns_put_row(km_buffer *out, const km_column *columns, size_t count, const void *row);

#endif
