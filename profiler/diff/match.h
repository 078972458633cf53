/* Which functions of two profiles are the same. */
#ifndef KM_DIFF_MATCH_H
#define KM_DIFF_MATCH_H

#include "profiler/stats/tree.h"

#include <stdbool.h>

/* Gives each function of `before` its number in `number`: that of the same function in `after`, or
 * one from after_count on, each its own; `*count` numbers in all. For what is the same see diff.h.
 * KM_ENOMEM. */
int km_diff_match(uint32_t *number, uint32_t *count, const km_function *before,
		  uint32_t before_count, const km_function *after, uint32_t after_count,
		  bool strip_dirs);

#endif
