/* Matches the functions of two profiles. */
#ifndef KM_DIFF_MATCH_H
#define KM_DIFF_MATCH_H

#include "profiler/stats/tree.h"

#include <stdbool.h>

/* Sets `number` of each function of `before`: the index of the same function in `after`, or a new
 * one from after_count. `*count` is the count of all numbers. See km_diff_new for the rules.
 * KM_ENOMEM. */
int km_diff_match(uint32_t *number, uint32_t *count, const km_function *before,
		  uint32_t before_count, const km_function *after, uint32_t after_count,
		  bool strip_dirs);

#endif
