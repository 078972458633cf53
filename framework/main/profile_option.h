/* PROFILE: from options to the middleware around the application, the profiler's and the viewer's.
 */
#ifndef KM_MAIN_PROFILE_OPTION_H
#define KM_MAIN_PROFILE_OPTION_H

#include <stdio.h>

#include <komori/viewer.h>
#include <stdatomic.h>

#include "framework/app/app.h"
#include "framework/main/profile_folder.h"

typedef struct km_profile_option {
	km_wsgi_app *middleware;  /* owned by the app; NULL: PROFILE is off */
	FILE *file;		  /* of PROFILE_STREAM when that is a path */
	km_profile_folder folder; /* without PROFILE_DIR */
	km_viewer *viewer;
	size_t keep;	    /* profiles of a route, as km_viewer_prune; 0: all */
	atomic_uint *dumps; /* that were written, by any process; mapped */
} km_profile_option;

/* Wraps the app when PROFILE is on; then `profiling` stays where it is. `shared` recordings at a
 * time can be read in this process when one that was forked from it is gone. KM_E* after a line on
 * the log. */
int km_profile_option_init(km_profile_option *profiling, km_app *app, size_t shared);
/* For after the app was freed. Removes the folder, in the process that has made it. Accepts a
 * zeroed one. */
void km_profile_option_finish(km_profile_option *profiling);
/* Opens PROFILE_STREAM again at its path. */
void km_profile_option_reopen(km_profile_option *profiling, const km_app *app);

#endif
