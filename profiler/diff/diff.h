/* Compares two profiles: plain arrays for the text and for the page of the viewer. */
#ifndef KM_DIFF_DIFF_H
#define KM_DIFF_DIFF_H

#include "profiler/dump/prof_reader.h"

/* A function, or one path of calls. */
typedef struct km_diff_item {
	const km_function *function; /* of AFTER, else of BEFORE; the line may differ */
	km_str label;		     /* as pstats prints it; none for a path */
	uint32_t parent; /* of a path: that of the caller, a lower index; the root is its own */
	bool in_before, in_after;
	/* Zero for the side that lacks it. Primitive calls of a path are its calls. */
	km_stats_numbers before, after;
} km_diff_item;

typedef struct km_diff_items {
	km_diff_item *items; /* those of AFTER in their order, then those only in BEFORE */
	uint32_t count;
} km_diff_items;

typedef struct km_diff {
	km_diff_items functions;
	km_diff_items paths; /* from the root; none unless both have an exact call tree */
	km_stats_numbers before,
		after; /* totals; cumtime is that of the root: the sum of tottime */
} km_diff;

/* Matches functions by file and name; several with one file and name match in the order of their
 * lines. Of the rest, two that are the only ones of their name match: the function moved to another
 * file. `strip_dirs` ignores the folders of files, for profiles of two checkouts. The roots of two
 * trees are one path. Borrows from both profiles, which must not change meanwhile. Time is n log n,
 * memory in proportion to both. KM_ENOMEM. */
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

/* Sorts the items whose numbers differ: the largest change first, in either direction; equal ones
 * by calls, then by tottime. By name: file, line, name ascending. The caller frees `order`, which
 * has `count` indices. KM_ENOMEM. */
int km_diff_sort(uint32_t **order, uint32_t *count, const km_diff_items *items, km_diff_key key);

/* Returns the function whose calls changed most, or NULL when none changed. Of equal ones, prefers
 * one with source. */
const km_diff_item *km_diff_verdict(const km_diff *diff);

/* Returns the number of a key that is not a name; exact for counts too. */
long double km_diff_number(const km_stats_numbers *numbers, km_diff_key key);

#endif
