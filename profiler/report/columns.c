#include "profiler/report/columns.h"

void km_columns_put_headings(km_buffer *out, const km_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		km_buffer_text(out, columns[i].before);
		km_buffer_fill(out, ' ', columns[i].width - (long)strlen(columns[i].heading));
		km_buffer_text(out, columns[i].heading);
	}
}

void km_columns_put_row(km_buffer *out, const km_column *columns, size_t count, const void *row)
{
	for (size_t i = 0; i < count; i++) {
		km_buffer_text(out, columns[i].before);
		columns[i].put(out, columns[i].width, row);
	}
}
