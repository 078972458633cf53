/* Tells of a worker that crashes or is gone: on the log, by its requests' profiles, to the program and
 * to ON_EVENT's command. */
#ifndef KM_SERVER_WORKER_REPORT_H
#define KM_SERVER_WORKER_REPORT_H

#include "../app/app.h"
#include "../master/loss.h"
#include "profiling.h"

/* Takes its time, and reads memory that a crash may have damaged: for a process of its own. */
void km_worker_report(const km_app *app, const km_profiling *profiling, const km_loss *loss);

#endif
