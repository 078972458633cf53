/* Restrictions of listings, which pstats distinguishes by their type. */
#ifndef KM_STATS_RESTRICTIONS_H
#define KM_STATS_RESTRICTIONS_H

#include "framework/base/arena.h"
#include "profiler/stats/python_regex.h"
#include "profiler/stats/stats.h"

typedef enum km_restriction_kind {
	KM_RESTRICT_COUNT,
	KM_RESTRICT_FRACTION,
	KM_RESTRICT_REGEX,
} km_restriction_kind;

typedef struct km_restriction {
	km_restriction_kind kind;
	bool negative;	/* a count below 0, which has no effect */
	uint64_t count; /* without its sign */
	double fraction;
	km_python_regex *regex; /* NULL when the pattern is invalid */
	km_str text;		/* as given, with "\," replaced by a comma; NUL-terminated */
	char problem[96];	/* why it has no effect; "" when it is valid */
} km_restriction;

struct km_restrictions {
	km_restriction *items;
	size_t count, capacity;
	km_arena texts;
};

#endif
