/* The program that runs, as a file that may be rebuilt and run again, and what a master hands to it
 * then. */
#ifndef KM_MASTER_PROGRAM_H
#define KM_MASTER_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "framework/base/buffer.h"

/* What the master, which is the parent of this process, hands over. */
typedef struct km_handover {
	bool given;
	char *sockets;	/* the text of km_listen_sockets_export */
	char *profiles; /* the path of a km_profile_folder; NULL: none */
} km_handover;

/* Takes the handover out of the environment. One that is meant for another process is ignored. */
void km_handover_take(km_handover *handover);
void km_handover_finish(km_handover *handover);

typedef struct km_program {
	const char *name; /* for the log; for `komori run`, the object that it serves */
	char *path;	  /* absolute, as it was started: a link may lead elsewhere by now */
	char **arguments; /* all that it was started with, whatever km_main got of them */
	km_buffer text;	  /* of the arguments */
	char *folder;	  /* where it was started */
} km_program;

/* Borrows `name`. KM_ENOMEM, or KM_EIO when the program's file or its arguments are unknown;
 * km_program_finish is needed all the same. */
int km_program_init(km_program *program, const char *name);
void km_program_finish(km_program *program);

/* Becomes the program. Called in a child of the master. Returns only on failure, with
 * errno. */
void km_program_run(const km_program *program, const km_handover *handover);

#endif
