/* The rows of cProfile, made from a call tree or read from a dump, and what pstats does to them:
 * add, strip, sort and restrict. The text, the dump, the exports and the viewer read these rows. */
#ifndef KM_STATS_STATS_H
#define KM_STATS_STATS_H

#include "framework/base/arena.h"
#include "framework/base/buffer.h"
#include "profiler/stats/tree.h"

#include <stdbool.h>

/* cProfile's four numbers. */
typedef struct km_stats_numbers {
	uint64_t calls;		  /* nc */
	uint64_t primitive_calls; /* cc: those with no call of the same function (pair) around them
				   */
	double tottime;		  /* seconds in the function itself */
	double cumtime;		  /* seconds in the primitive calls and below */
} km_stats_numbers;

/* What one row owes to one caller. */
typedef struct km_stats_caller {
	uint32_t function; /* the caller, an index into functions */
	bool calls_only;   /* dumps of Python's `profile`: of the numbers, only calls is known */
	km_stats_numbers numbers;
} km_stats_caller;

typedef struct km_stats_row {
	km_stats_numbers numbers;
	uint32_t first_caller, caller_count; /* the row's slice of callers */
} km_stats_row;

typedef struct km_stats {
	/* Functions in the order of pstats' dict; rows[i] belongs to functions[i]. Behind the rows'
	 * functions stand those that only foreign dumps have: callers without a row. */
	km_function *functions;
	uint32_t function_count;
	km_str *labels;	      /* as pstats prints the function: file:line(name) or {name} */
	uint32_t *label_size; /* characters of the label, as Python's len() */
	km_stats_row *rows;
	uint32_t row_count;

	km_stats_caller *callers; /* never NULL */
	uint32_t caller_count;

	km_stats_numbers totals; /* of all rows; no cumtime */
	/* A line for each file that was read, "Mon Jan  1 00:00:00 2024    a.prof\n"; empty for a
	 * recording. */
	km_buffer files;

	uint32_t *order;  /* rows as sorted; NULL while they are not */
	char *order_text; /* what they are sorted by: "internal time, call count" */

	char *label_bytes;
	km_arena texts; /* what functions point to, where these rows own it */
} km_stats;

/* Rows of `tree` by the rules of CPython's Modules/_lsprof.c, in the order in which the nodes first
 * name a function. Time and memory are proportional to the tree, depth costs nothing. Strings of
 * the tree are borrowed: they must outlive the rows; the tree need not. KM_ENOMEM. */
int km_stats_from_tree(km_stats **stats, const km_tree *tree);
/* Accepts NULL. */
void km_stats_free(km_stats *stats);

/* As pstats' Stats.add: rows of `from` are added to those of `into`, new ones stand behind. Then
 * `into` is unsorted and owns its texts. KM_ENOMEM leaves it as it was. */
int km_stats_add(km_stats *into, const km_stats *from);
/* As pstats' strip_dirs: files lose their folders, functions that become equal one row. Then the
 * rows are unsorted and own their texts. KM_ENOMEM leaves them as they were. */
int km_stats_strip_dirs(km_stats *stats);

/* Sorts by pstats' keys (unique prefixes too) joined by ",": numbers descending, texts ascending by
 * code point, stable with respect to the order of the rows. NULL or "" makes the rows unsorted.
 * KM_EINVAL leaves the order as it was and says in `error` (may be NULL) which key is wrong and
 * what is allowed. KM_ENOMEM. */
int km_stats_sort(km_stats *stats, const char *keys, char *error, size_t error_size);
/* As pstats' reverse_order: no effect on unsorted rows. */
void km_stats_reverse(km_stats *stats);
/* 0 when km_stats_sort would accept `keys`, else KM_EINVAL and `error`. */
int km_stats_check_sort(const char *keys, char *error, size_t error_size);
/* The keys in pstats' order, `index` from 0: the word, and in `text` what it sorts by. NULL behind
 * the last. Static. */
const char *km_stats_sort_key(size_t index, const char **text);

/* pstats' restrictions, joined by ",": a count, a fraction below 1, a regular expression that the
 * label is searched for. "\," is a comma that separates nothing. */
typedef struct km_restrictions km_restrictions;

/* NULL or "" is no restriction. What pstats ignores or prints a remark about (a fraction of 2, a
 * bad regular expression) is accepted here too. KM_ENOMEM. */
int km_restrictions_new(km_restrictions **restrictions, const char *text);
/* Appends one restriction as it is: a comma in it separates nothing. KM_ENOMEM. */
int km_restrictions_append(km_restrictions *restrictions, const char *text);
/* Accepts NULL. */
void km_restrictions_free(km_restrictions *restrictions);
/* For whoever gives them outside pstats: KM_EINVAL when one is without effect; `error` (may be
 * NULL) says which and why. */
int km_restrictions_fault(const km_restrictions *restrictions, char *error, size_t error_size);
/* The same of a text for km_restrictions_new. KM_ENOMEM. */
int km_restrictions_check(const char *text, char *error, size_t error_size);

#endif
