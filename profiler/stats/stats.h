/* The rows of cProfile, made from a call tree or read from a dump, and pstats' operations on them:
 * add, strip, sort and restrict. Reports, dumps, exports and the viewer read these rows. */
#ifndef KM_STATS_STATS_H
#define KM_STATS_STATS_H

#include "framework/base/arena.h"
#include "framework/base/buffer.h"
#include "profiler/stats/tree.h"

#include <stdbool.h>

/* cProfile's four numbers. */
typedef struct km_stats_numbers {
	uint64_t calls;		  /* nc */
	uint64_t primitive_calls; /* cc: not inside a call of the same function or pair */
	double tottime;		  /* seconds in the function itself */
	double cumtime;		  /* seconds in the primitive calls and below */
} km_stats_numbers;

/* The part of a row that belongs to one caller. */
typedef struct km_stats_caller {
	uint32_t function; /* the caller, an index into functions */
	bool calls_only;   /* in dumps of Python's `profile`: other numbers are unknown */
	km_stats_numbers numbers;
} km_stats_caller;

typedef struct km_stats_row {
	km_stats_numbers numbers;
	uint32_t first_caller, caller_count; /* the row's slice of callers */
} km_stats_row;

typedef struct km_stats {
	/* In the order of pstats' dict; rows[i] belongs to functions[i]. Callers without a row,
	 * which only foreign dumps have, come last. */
	km_function *functions;
	uint32_t function_count;
	km_str *labels;	      /* as pstats prints functions: file:line(name) or {name} */
	uint32_t *label_size; /* characters of each label, as Python's len() */
	km_stats_row *rows;
	uint32_t row_count;

	km_stats_caller *callers; /* never NULL */
	uint32_t caller_count;

	km_stats_numbers totals; /* of all rows; no cumtime */
	/* A line for each file, "Mon Jan  1 00:00:00 2024    a.prof\n"; empty for a recording. */
	km_buffer files;

	uint32_t *order;  /* rows as sorted; NULL while unsorted */
	char *order_text; /* describes the order: "internal time, call count" */

	char *label_bytes;
	km_arena texts; /* of functions, when these rows own them */
} km_stats;

/* Makes rows of `tree` by the rules of CPython's Modules/_lsprof.c, in the order in which nodes
 * first name a function. Time and memory are proportional to the tree, whatever its depth. The
 * texts of the tree must outlive the rows; the tree need not. KM_ENOMEM. */
int km_stats_from_tree(km_stats **stats, const km_tree *tree);
/* Accepts NULL. */
void km_stats_free(km_stats *stats);

/* Adds the rows of `from` to those of `into`, and new ones at the end, as pstats' Stats.add does.
 * Then `into` is unsorted and owns its texts. KM_ENOMEM leaves it unchanged. */
int km_stats_add(km_stats *into, const km_stats *from);
/* Removes the folders of files and joins functions that become equal, as pstats' strip_dirs does.
 * Then the rows are unsorted and own their texts. KM_ENOMEM leaves them unchanged. */
int km_stats_strip_dirs(km_stats *stats);

/* Sorts by pstats' keys or unique prefixes of them, joined by ",": numbers descending, texts
 * ascending by code point, equal rows in their order. NULL or "" makes the rows unsorted. KM_EINVAL
 * leaves the order unchanged; `error` (may be NULL) names the wrong key and the valid ones.
 * KM_ENOMEM. */
int km_stats_sort(km_stats *stats, const char *keys, char *error, size_t error_size);
/* Reverses the order, as pstats' reverse_order does; has no effect on unsorted rows. */
void km_stats_reverse(km_stats *stats);
/* Returns 0 when km_stats_sort accepts `keys`, else KM_EINVAL with `error`. */
int km_stats_check_sort(const char *keys, char *error, size_t error_size);
/* Returns the key at `index`, from 0 in pstats' order, and in `text` its description; both static.
 * NULL behind the last. */
const char *km_stats_sort_key(size_t index, const char **text);

/* pstats' restrictions, joined by ",": a count, a fraction below 1, or a regular expression that is
 * searched for in labels. "\," is a comma inside one. */
typedef struct km_restrictions km_restrictions;

/* Parses restrictions; NULL or "" is none. Accepts those that pstats ignores or only remarks on: a
 * fraction of 2, an invalid regular expression. KM_ENOMEM. */
int km_restrictions_new(km_restrictions **restrictions, const char *text);
/* Appends one restriction, in which a comma does not separate. KM_ENOMEM. */
int km_restrictions_append(km_restrictions *restrictions, const char *text);
/* Accepts NULL. */
void km_restrictions_free(km_restrictions *restrictions);
/* Returns KM_EINVAL when a restriction has no effect; `error` (may be NULL) says which and why. */
int km_restrictions_fault(const km_restrictions *restrictions, char *error, size_t error_size);
/* Checks a text for km_restrictions_new in the same way. KM_ENOMEM. */
int km_restrictions_check(const char *text, char *error, size_t error_size);

#endif
