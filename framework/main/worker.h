/* One process that serves: an application behind its middleware, with one loop. */
#ifndef KM_MAIN_WORKER_H
#define KM_MAIN_WORKER_H

#include "framework/main/profile_folder.h"
#include "framework/main/profile_option.h"
#include "framework/master/program.h"
#include "framework/master/scoreboard.h"
#include "framework/server/listen/sockets.h"

/* What a process of the program has: the master, a supervisor or a worker; or the only one. */
typedef struct km_service {
	km_app *app;
	km_profile_option profile;
	km_profile_folder folder; /* of profiles without PROFILE_DIR */
	km_listen_sockets sockets;
	km_handover handover;
	km_program program;
	pid_t pid; /* of the program as its users know it: its master, if there is one */
} km_service;

/* Prints the line that says where the program serves. `service` is a km_service, here and below. */
void km_service_print(void *service);
/* Reopens PROFILE_STREAM. */
void km_service_reopen_logs(void *service);
/* Whether handlers run on threads of their own: with THREADS, and with PROFILE, so that the viewer
 * responds while a handler runs. */
bool km_service_has_threads(const km_service *service);
/* Serves until SIGTERM, or without a master SIGINT. `slot` is a worker's; NULL in a program without
 * master, which then prints where it serves. Returns the exit status, after a line on the log when
 * that is not 0. */
int km_worker_run(km_service *service, km_worker_slot *slot);

#endif
