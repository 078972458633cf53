/* Budgets that a profile must keep: "calls:expand > 1000" fails a profile with more calls. */
#ifndef KM_DIFF_BUDGET_H
#define KM_DIFF_BUDGET_H

#include "profiler/diff/diff.h"
#include "profiler/stats/python_regex.h"

/*	budget   = metric ["?"] ":" function operator value
 *	metric   = "calls" | "primcalls" | "tottime" | "cumtime"
 *	operator = ">" | ">=" | "<" | "<="
 *	value    = number                   of AFTER; seconds for times
 *	         | ("+" | "-") number "%"   change against BEFORE
 *
 * Spaces around the parts have no effect. `function` is a name. When no function has that name, it
 * is a label ("main.c:7(hello)", "{built-in function sleep}"); when there is no such label either,
 * a regular expression that is searched for in labels. Each matching function is compared by
 * itself. A function that only BEFORE has fails; with "?" it has 0 calls and 0 seconds. */
typedef struct km_budget {
	km_diff_key metric;
	char *function;
	km_python_regex *regex; /* NULL: `function` is not a regular expression */
	char problem[96];	/* why it is not */
	bool may_be_gone;	/* "?" */
	bool less, or_equal;	/* the comparison that fails: "<" or ">", with "=" or without */
	bool relative;		/* to BEFORE */
	long double value;	/* 0.1 for "+10%" */
} km_budget;

/* Parses `text`. KM_EINVAL and KM_ENOMEM set `error` and leave nothing to finish. */
int km_budget_init(km_budget *budget, const char *text, char *error, size_t error_size);
void km_budget_finish(km_budget *budget);

/* Appends a line for each function that fails: "calls:expand > 1000: main.c:7(expand): 12 ->
 * 4194303". KM_EINVAL when no function of `diff` matches; budget->problem is not empty when
 * `function` is not a regular expression either. KM_ENOMEM. */
int km_budget_check(const km_budget *budget, const km_diff *diff, km_buffer *lines);

#endif
