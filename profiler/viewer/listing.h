/* The folder of profiles: each file with what the list of requests shows. It reads a file once, and
 * again when the file has changed. */
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
	bool read;		/* the fields below are valid */
	bool retry;		/* reading failed for a reason that may pass */
	char *error;		/* why the file is not a profile, or NULL */
	km_profile_facts facts; /* with texts of its own */
	uint64_t calls;
	bool exact;
	bool request; /* the profile of a request, from Komori */
} km_listed;

/* A zeroed listing is valid and empty. */
typedef struct km_listing {
	km_listed *files; /* by name */
	size_t count;
	uint64_t changes; /* grows with each change */
} km_listing;

/* Lists the folder, and reads new files, the latest first, for about budget_ns. `only` as in
 * km_dump_name_is_fit. KM_EIO with errno, KM_ENOMEM; then the listing is unchanged. */
int km_listing_update(km_listing *listing, int folder, const char *only, int64_t budget_ns);
void km_listing_finish(km_listing *listing);

#endif
