/* The last step of making rows: totals, and the labels that pstats prints (func_std_string). */
#ifndef KM_STATS_LABELS_H
#define KM_STATS_LABELS_H

#include "profiler/stats/stats.h"

/* Bytes of a label besides file and name: ":", a sign, ten digits, "(", ")" and the final NUL. */
enum { KM_LABEL_SIGNS = 16 };

/* Appends a label: "file:line(name)", or "{name}" for a function "<name>" without a file. */
void km_label_append(km_buffer *out, const km_function *function);
/* Fills labels and label_size from functions. KM_ENOMEM. */
int km_labels_make(km_stats *stats);
/* Fills the totals and the labels from functions and rows. KM_ENOMEM. */
int km_stats_complete(km_stats *stats);

#endif
