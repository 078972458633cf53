#include "profiler/report/columns.h"

void km_columns_put_headings(km_buffer *out, const km_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		km_buffer_printf(out, "%s%*s", columns[i].before, columns[i].width,
				 columns[i].heading);
}

void km_columns_put_row(km_buffer *out, const km_column *columns, size_t count, const void *row)
{
	for (size_t i = 0; i < count; i++) {
		km_buffer_text(out, columns[i].before);
		columns[i].put(out, &columns[i], row);
	}
}

void km_column_put_count(km_buffer *out, const km_column *column, const void *row)
{
	km_buffer_printf(out, "%*llu", column->width,
			 (unsigned long long)km_column_count(column, row));
}

void km_column_put_seconds(km_buffer *out, const km_column *column, const void *row)
{
	km_buffer_printf(out, "%*.6f", column->width, km_column_double(column, row));
}
