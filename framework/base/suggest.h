/* Suggests the name that is nearest to a misspelled one. */
#ifndef KM_BASE_SUGGEST_H
#define KM_BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/* Most bytes of a name; a longer one is near to none. */
enum { KM_SUGGEST_MAX = 63 };

typedef struct km_suggest {
	const char *text; /* borrowed */
	size_t len;
	int least; /* changes to the nearest name so far; at first, more than a near name has */
} km_suggest;

/* Begins a search. A near name differs by at most a third of the text, and by at most 3 changes. */
void km_suggest_begin(km_suggest *nearest, const char *text, size_t len);
/* Returns true when `name` is near, and nearer than all names before. */
bool km_suggest_try(km_suggest *nearest, const char *name);

#endif
