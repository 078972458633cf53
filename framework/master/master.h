/* The process that a service manager knows: it holds the listening sockets and starts programs.
 * Each runs in a child, the supervisor of its workers. On SIGHUP the program is run again, in
 * another child; the old one finishes its requests once the new one serves. */
#ifndef KM_MASTER_MASTER_H
#define KM_MASTER_MASTER_H

#include "framework/master/program.h"

typedef struct km_master_options {
	const km_program *program;
	/* Supervises workers, in a child of the master. Returns the exit status. */
	int (*supervise)(void *context);
	/* Fills in what a program that is started again inherits, in a child of the master; false
	 * on failure, with errno. */
	bool (*hand_over)(void *context, km_handover *handover);
	/* Makes connecting impossible, also where other processes have the sockets open. */
	void (*close_sockets)(void *context);
	void *context;
} km_master_options;

/* Serves until SIGTERM, SIGINT or a second SIGINT, or until the program does not start. SIGHUP
 * starts the program again; SIGUSR1 goes on to the supervisors. Returns the exit status: 0 when a
 * worker has served, 130 after a second SIGINT, else 1 or the status of the program that did not
 * start. */
int km_master_run(const km_master_options *options);

#endif
