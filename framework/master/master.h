/* The process that keeps workers at work, obeys signals and lets a new program take over. */
#ifndef KM_MASTER_MASTER_H
#define KM_MASTER_MASTER_H

#include "framework/master/program.h"
#include "framework/master/worker_pool.h"

typedef struct km_master_options {
	km_worker_pool_options pool; /* but `signals` and `leave`, which the master sets */
	const km_program *program;
	const km_handover *handover; /* of the program before; its workers are stopped */
	bool reload;		     /* when the program's files change */
	/* Signals are obeyed from now on. */
	void (*ready)(void *context);
	/* Readies the listening sockets for the program that takes over. Returns their text, which
	 * the caller frees; NULL when memory ran out. */
	char *(*hand_over_sockets)(void *context);
	/* Closes them in a child of this process, which goes on with them. */
	void (*leave_sockets)(void *context);
	/* They are not handed over after all. */
	void (*keep_sockets)(void *context);
	/* Nobody is to connect any more. */
	void (*close_sockets)(void *context);
	void (*reopen_logs)(void *context);
} km_master_options;

/* Serves until SIGTERM, SIGINT or a second SIGINT. SIGHUP starts the program anew in this process,
 * SIGUSR1 is passed on to the workers. Returns the exit status of the program. In a worker, does
 * not return. */
int km_master_run(const km_master_options *options);

#endif
