/* cProfile's dict alone, as Python writes it. */
#include "profiler/dump/rows_writer.h"
#include "profiler/export/job.h"

#include <stdlib.h>

int km_export_pstats(km_export *job)
{
	km_marshal_writer *out = malloc(sizeof *out);

	if (!out)
		return KM_ENOMEM;
	km_marshal_writer_init(out, job->out.fd);
	km_rows_write(out, job->prof->stats);
	job->out.error = km_marshal_writer_flush(out);
	free(out);
	return 0;
}
