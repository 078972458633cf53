/* Reports a worker that crashes or is lost: on the log, in the access log, by its requests'
 * profiles, to the program's hooks and to ON_EVENT's command. */
#ifndef KM_MAIN_WORKER_REPORT_H
#define KM_MAIN_WORKER_REPORT_H

#include "framework/app/app.h"
#include "framework/main/profile_option.h"
#include "framework/master/worker_exit.h"

/* Takes time, and reads memory that a crash may have damaged: called in a process of its own. */
void km_worker_report(const km_app *app, const km_profile_option *profile,
		      const km_worker_exit *end);

#endif
