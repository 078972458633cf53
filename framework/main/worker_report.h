/* Tells of a worker that crashes or is gone: on the log, by its requests' profiles, to the program
 * and to ON_EVENT's command. */
#ifndef KM_MAIN_WORKER_REPORT_H
#define KM_MAIN_WORKER_REPORT_H

#include "framework/app/app.h"
#include "framework/master/worker_exit.h"
#include "framework/main/profile_option.h"

/* Takes its time, and reads memory that a crash may have damaged: for a process of its own. */
void km_worker_report(const km_app *app, const km_profile_option *profiling,
		      const km_worker_exit *loss);

#endif
