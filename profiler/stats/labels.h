/* What pstats prints for a function (func_std_string). */
#ifndef KM_STATS_LABELS_H
#define KM_STATS_LABELS_H

#include "profiler/stats/stats.h"

/* What a label has beside file and name: ":", a sign, ten digits, "(", ")" and the final NUL. */
enum { KM_LABEL_SIGNS = 16 };

/* Fills labels and label_size from functions. KM_ENOMEM. */
int km_labels_make(km_stats *stats);

#endif
