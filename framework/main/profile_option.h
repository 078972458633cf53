/* PROFILE: from options to the profiler's middleware and the viewer's around the application. */
#ifndef KM_MAIN_PROFILE_OPTION_H
#define KM_MAIN_PROFILE_OPTION_H

#include <komori/viewer.h>
#include <stdatomic.h>
#include <stdio.h>

#include "framework/app/app.h"

typedef struct km_profile_option {
	km_wsgi_app *middleware; /* owned by the app; NULL: PROFILE is off */
	FILE *file;		 /* of PROFILE_STREAM when that is a path */
	km_viewer *viewer;
	size_t keep;	    /* profiles of a route, as km_viewer_prune; 0: all */
	atomic_uint *dumps; /* counts those of all processes; mapped */
} km_profile_option;

/* Whether profiles need a folder that the program does not name. */
bool km_profile_option_needs_folder(const km_config *config);
/* Wraps the app when PROFILE is on; then `profile` has to stay where it is. `folder`, which is
 * borrowed, is for profiles without PROFILE_DIR. This process can read `shared` recordings at a
 * time of processes that were forked from it and are gone. KM_E* after a line on the log. */
int km_profile_option_init(km_profile_option *profile, km_app *app, const char *folder,
			   size_t shared);
/* Called after km_app_free. Accepts a zeroed one. */
void km_profile_option_finish(km_profile_option *profile);
/* Reopens PROFILE_STREAM at its path. */
void km_profile_option_reopen(km_profile_option *profile, const km_app *app);

#endif
