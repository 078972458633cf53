/* The last step of making rows, whatever they are made from. */
#ifndef KM_STATS_COMPLETE_H
#define KM_STATS_COMPLETE_H

#include "profiler/stats/stats.h"

/* Fills the totals and the labels from functions and rows. KM_ENOMEM. */
int km_stats_complete(km_stats *stats);

#endif
