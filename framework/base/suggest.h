/* Which of some names a misspelled one may have meant. */
#ifndef KM_BASE_SUGGEST_H
#define KM_BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a name; a longer one is near to nothing. */
enum { KM_SUGGEST_MAX = 63 };

typedef struct km_suggest {
	const char *text; /* borrowed */
	size_t len;
	int least; /* changes to the nearest name so far; at first, one more than is near */
} km_suggest;

/* The shorter the text, the fewer changes are near. */
void km_suggest_begin(km_suggest *nearest, const char *text, size_t len);
/* True when `name` is near, and nearer than all that were tried before. */
bool km_suggest_try(km_suggest *nearest, const char *name);

#endif
