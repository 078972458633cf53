/* The first object of a .prof file: cProfile's dict (docs/prof-format.md). */
#ifndef KM_DUMP_ROWS_WRITER_H
#define KM_DUMP_ROWS_WRITER_H

#include "profiler/dump/marshal_writer.h"
#include "profiler/stats/stats.h"

/* A caller of which only the calls are known is a plain number, as Python's `profile` has it. */
void km_rows_write(km_marshal_writer *out, const km_stats *stats);

#endif
