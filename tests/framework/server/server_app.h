/* The application behind the server's tests, and the server in a process of its own. */
#ifndef KM_TEST_SERVER_APP_H
#define KM_TEST_SERVER_APP_H

#include <stdatomic.h>
#include <sys/types.h>

#include "framework/server/server.h"

/* Shared with the server's process. */
struct seen {
	atomic_int calls, pulls;
	atomic_int bodies, closes; /* bodies that have a close, and how often one was called */
	atomic_int allowed;	   /* chunks that /steps may give */
	atomic_int release;	   /* lets the close of /slowclose return */
};

struct server {
	pid_t pid;
	int port;
	struct seen *seen;
};

/* In the builds NAME-threads.t with handler threads. */
extern const km_server_options server_defaults;

/* Starts a server with these options on 127.0.0.1. */
struct server server_start(const km_server_options *options);
/* Sends the signal and returns the exit status, or minus the signal that ended the server. SIGKILL
 * ends a server that does not stop within BOUND_SECONDS. */
int server_stop(struct server *server, int number);
/* Returns when the server has stopped raising the counter and waits, not for a processor, with the
 * counter's value. */
int server_settled(const struct server *server, atomic_int *counter);

#endif
