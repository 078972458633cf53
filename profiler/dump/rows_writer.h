/* Writes the first object of a .prof file: cProfile's dict (docs/prof-format.md). */
#ifndef KM_DUMP_ROWS_WRITER_H
#define KM_DUMP_ROWS_WRITER_H

#include "profiler/dump/marshal_writer.h"
#include "profiler/stats/stats.h"

/* A caller with only a number of calls becomes a plain number, as in Python's `profile`. */
void km_rows_write(km_marshal_writer *out, const km_stats *stats);

#endif
