/* Serves an application as its options say, with one loop in this process. */
#ifndef KM_MAIN_WORKER_H
#define KM_MAIN_WORKER_H

#include "framework/master/scoreboard.h"
#include "framework/server/listen/sockets.h"
#include "framework/main/profile_option.h"

typedef struct km_service {
	km_app *app;
	km_profile_option profiling;
	km_listen_sockets sockets;
} km_service;

/* Whether handlers run on threads of their own: with THREADS, and with PROFILE, so that the
 * viewer's page answers while a handler runs. */
bool km_service_has_threads(const km_service *serving);
/* Serves until SIGTERM, or without a master SIGINT. `slot` is that of a worker; NULL in a program
 * without master. Returns the exit status, after a line on the log when it is not 0. */
int km_worker_run(km_service *serving, km_worker_slot *slot);

#endif
