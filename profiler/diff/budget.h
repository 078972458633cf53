/* Budgets that a profile must keep: "calls:expand > 1000" names what is too much. */
#ifndef KM_DIFF_BUDGET_H
#define KM_DIFF_BUDGET_H

#include "profiler/diff/diff.h"
#include "profiler/stats/python_regex.h"

/*	budget   = metric ":" function operator value
 *	metric   = "calls" | "primcalls" | "tottime" | "cumtime"
 *	operator = ">" | ">=" | "<" | "<="
 *	value    = number                   of AFTER; seconds for times
 *	         | ("+" | "-") number "%"   more or less than BEFORE
 *
 * Spaces around the parts do not count. `function` is a name, else a label ("main.c:7(hello)",
 * "{built-in function sleep}"), else, when no function has either, a regular expression that labels
 * are searched for. Each function that it means is compared by itself. */
typedef struct km_budget {
	km_diff_key metric;
	char *function;
	km_python_regex *regex; /* NULL: `function` is none */
	char problem[96];	/* why it is none */
	bool less, or_equal;	/* the comparison that fails: "<" or ">", with "=" or without */
	bool relative;		/* to BEFORE */
	long double value;	/* 0.1 for "+10%" */
} km_budget;

/* KM_EINVAL: `error` says what is wrong. KM_ENOMEM. Then there is nothing to finish. */
int km_budget_init(km_budget *budget, const char *text, char *error, size_t error_size);
void km_budget_finish(km_budget *budget);

typedef struct km_budget_result {
	uint32_t functions; /* that were compared; 0: there is no such function, and 0 was compared
			     */
	uint32_t failed;
} km_budget_result;

/* Appends a line for each function that fails: "calls:expand > 1000: main.c:7(expand): 12 ->
 * 4194303". KM_EINVAL when `function` is neither a name nor a label of `diff`, nor a regular
 * expression: budget->problem says why not. KM_ENOMEM. */
int km_budget_check(km_budget_result *result, const km_budget *budget, const km_diff *diff,
		    km_buffer *lines);

#endif
