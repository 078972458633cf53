/* The first object of a .prof file: the dict that cProfile (and Python's `profile`) writes. */
#ifndef KM_DUMP_ROWS_READER_H
#define KM_DUMP_ROWS_READER_H

#include "profiler/dump/prof_source.h"
#include "profiler/stats/stats.h"

/* Reads it from the front of `source`. The rows borrow the texts of the source's functions.
 * KM_EINVAL with the source's error when it is not such a dict or has no rows; KM_ENOMEM. */
int km_rows_read(km_stats **stats, km_prof_source *source);

#endif
