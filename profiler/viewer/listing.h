/* What is in the folder of profiles: each file with what the list of requests shows of it. A file
 * is read once, and again when it has changed. */
#ifndef KM_VIEWER_LISTING_H
#define KM_VIEWER_LISTING_H

#include "profiler/viewer/dump_file.h"

enum {
	KM_LISTING_MAX = 10000,	   /* files, the latest */
	KM_LISTING_TEXT_MAX = 512, /* bytes of a text */
};

typedef struct km_listed {
	char *name;
	km_dump_stamp stamp;
	bool read;   /* the fields below are there */
	bool retry;  /* it could not be read, but for reasons that may pass */
	char *error; /* why the file is no profile; NULL: it is one */
	/* NULL where the file does not say. */
	char *method, *path, *route, *query, *outcome;
	int status;
	double started, elapsed; /* seconds, the first since the epoch */
	uint64_t calls;
	bool exact;
	bool request; /* Komori wrote it of a request */
} km_listed;

/* Zeroed: nothing was looked at yet. */
typedef struct km_listing {
	km_listed *files; /* by name */
	size_t count;
	uint64_t changes; /* counts up when any of it has changed */
} km_listing;

/* Looks at the folder; for about budget_ns it reads files that it does not know, the latest first.
 * KM_EIO with errno, KM_ENOMEM; then the listing is as it was. `only` as in km_dump_name_is_fit. */
int km_listing_update(km_listing *listing, int folder, const char *only, int64_t budget_ns);
void km_listing_finish(km_listing *listing);

#endif
