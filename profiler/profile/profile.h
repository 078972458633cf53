/* A profile: a recorder, and the results made from it. */
#ifndef KM_PROFILE_PROFILE_H
#define KM_PROFILE_PROFILE_H

#include "profiler/record/open_calls.h"
#include "profiler/stats/stats.h"

#include <komori/profiler.h>

struct km_profile {
	km_recorder *recorder;
	char *root_name; /* "<name>" */
	/* Listings and dumps read these. Made when first needed, dropped by the next start. */
	km_tree *tree;
	km_stats *stats;
	bool running;
	/* For a shared recording: */
	km_recorder_layout layout; /* as made; a dying process may overwrite the recorder's own */
	bool recovered;
	pid_t pid;	    /* of the process that died */
	km_open_calls open; /* when it died */
};

/* Frees `tree` and `stats`. */
void km_profile_drop_results(km_profile *profile);

#endif
