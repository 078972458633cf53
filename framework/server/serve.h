/* Serves an application as its options say, with one loop in this process. */
#ifndef KM_SERVER_SERVE_H
#define KM_SERVER_SERVE_H

#include "../master/scoreboard.h"
#include "listen_sockets.h"
#include "profiling.h"

typedef struct km_serving {
	km_app *app;
	km_profiling profiling;
	km_listen_sockets sockets;
} km_serving;

/* Whether handlers run on threads of their own: with THREADS, and with PROFILE, so that the
 * viewer's page answers while a handler runs. */
bool km_serving_has_threads(const km_serving *serving);
/* Serves until SIGTERM, or without a master SIGINT. `slot` is that of a worker; NULL in a program
 * without master. Returns the exit status, after a line on the log when it is not 0. */
int km_serve(km_serving *serving, km_worker_slot *slot);

#endif
