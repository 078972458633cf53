/* The processes of a pool that tell of its workers' ends. */
#ifndef KM_MASTER_REPORTS_H
#define KM_MASTER_REPORTS_H

#include "framework/master/worker_pool.h"

/* Tells of a worker in a process of its own, because that reads what a crashed worker may have
 * damaged, and takes its time. Returns its pid, 0 when there is none. */
pid_t km_report_start(const km_worker_pool *pool, const km_worker_exit *loss);
/* The same for a worker that is gone, with a copy of its slot, which is free then for the next
 * worker. False when the loss will not be told. */
bool km_reports_add(km_worker_pool *pool, km_worker_exit *loss);
/* Looks which have ended. */
void km_reports_tend(km_worker_pool *pool);

#endif
