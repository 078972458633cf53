/* What changed between two profiles: plain arrays, for the text and for a page that compares. */
#ifndef KM_DIFF_DIFF_H
#define KM_DIFF_DIFF_H

#include "profiler/dump/prof_reader.h"

/* A function, or one path of calls. */
typedef struct km_diff_item {
	const km_function
		*function; /* as AFTER has it, BEFORE when AFTER has not; its line may have moved */
	km_str label;	   /* as pstats prints it; of a path: absent */
	uint32_t parent; /* of a path: the caller's, which stands before it; the root is its own */
	bool in_before, in_after;
	/* All zero where it is not. A path's primitive calls are its calls. */
	km_stats_numbers before, after;
} km_diff_item;

typedef struct km_diff_items {
	km_diff_item *items; /* AFTER's in their order, then what is only in BEFORE */
	uint32_t count;
} km_diff_items;

typedef struct km_diff {
	km_diff_items functions;
	km_diff_items paths; /* from the root down; none unless both have an exact call tree */
	km_stats_numbers before, after; /* totals; cumtime is that of the root: all of tottime */
} km_diff;

/* Functions are the same when file and name are; of several with one file and name the first by
 * line is the same as the first, and so on. Of what then is left, two that are alone of their name
 * are the same: the function went to another file. `strip_dirs`: files are the same when their last
 * parts are, for profiles of two checkouts. The roots of two trees are one path. Borrows from both
 * profiles, which must not be changed meanwhile. Time is n log n, memory in proportion to both.
 * KM_ENOMEM. */
int km_diff_new(km_diff **diff, const km_prof *before, const km_prof *after, bool strip_dirs);
/* Accepts NULL. */
void km_diff_free(km_diff *diff);

typedef enum km_diff_key {
	KM_DIFF_CALLS,
	KM_DIFF_PRIMITIVE_CALLS,
	KM_DIFF_TOTTIME,
	KM_DIFF_CUMTIME,
	KM_DIFF_NAME,
	KM_DIFF_KEY_COUNT,
} km_diff_key;

extern const char *const km_diff_keys[KM_DIFF_KEY_COUNT]; /* "calls", "primcalls", ... */

/* Indices of those of `items` whose numbers are not all the same, the greatest change first,
 * whichever its direction; equal ones by calls, then by tottime. By name: file, line, name
 * ascending. The caller frees `order`, of `count`. KM_ENOMEM. */
int km_diff_sort(uint32_t **order, uint32_t *count, const km_diff_items *items, km_diff_key key);

/* The function whose calls changed most; one that has source rather than one that has not. NULL
 * when no number of calls changed. */
const km_diff_item *km_diff_verdict(const km_diff *diff);

/* after - before, by a key that is a number. */
double km_diff_change(const km_diff_item *item, km_diff_key key);

#endif
