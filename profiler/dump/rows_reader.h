/* Reads the first object of a .prof file: the dict that cProfile and Python's `profile` write. */
#ifndef KM_DUMP_ROWS_READER_H
#define KM_DUMP_ROWS_READER_H

#include "profiler/dump/prof_source.h"
#include "profiler/stats/stats.h"

/* Reads from the start of `source`. The rows borrow the texts of its functions. KM_EINVAL with the
 * source's error when this is not such a dict or has no rows; KM_ENOMEM. */
int km_rows_read(km_stats **stats, km_prof_source *source);

#endif
