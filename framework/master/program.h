/* The program that runs, as a file that may be built anew: to start it in this process's place. */
#ifndef KM_MASTER_PROGRAM_H
#define KM_MASTER_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "framework/base/buffer.h"

/* What the program that ran in this process before left to this one. */
typedef struct km_handover {
	bool given;    /* it did */
	bool check;    /* only look whether the program would start, and exit */
	char *sockets; /* text of km_listen_sockets; NULL: none */
	char *workers; /* of old programs: text of km_generations; NULL: none */
} km_handover;

/* Takes the handover out of the environment. Accepts no foreign one: it is for one process id. Of a
 * handover that was given, the signals that a master handles are blocked. */
void km_handover_take(km_handover *handover);
void km_handover_finish(km_handover *handover);

typedef struct km_program {
	const char *name; /* what lines on the log call it; of `komori run`, the object that it
			     serves */
	char *path; /* absolute, as it was started: a link that leads elsewhere by now is followed
		     */
	char **arguments; /* all that it was started with, whatever km_main was handed of them */
	char *folder;	  /* where it was started */
} km_program;

/* `name` is borrowed. KM_ENOMEM, or KM_EIO when it cannot be told where the program's file is, or
 * how it was started; to be finished all the same. */
int km_program_init(km_program *program, const char *name);
void km_program_finish(km_program *program);

/* A process that runs the program up to the point where it would listen. */
typedef struct km_program_check {
	pid_t pid;	/* 0: none */
	int64_t end_ns; /* when patience ends */
} km_program_check;

typedef enum km_program_fitness {
	KM_PROGRAM_CHECKING, /* SIGCHLD comes when there is more to say */
	KM_PROGRAM_STARTS,
	KM_PROGRAM_FAILS, /* a line on the log says why: this process had better stay */
} km_program_fitness;

/* Returns 0, or KM_EIO with a line on the log. */
int km_program_check_start(km_program_check *check, const km_program *program);
/* For a check that is under way; to be called every second at least. */
km_program_fitness km_program_check_tend(km_program_check *check, const km_program *program);
/* Ends it early. Accepts a zeroed one. */
void km_program_check_stop(km_program_check *check);

/* Puts the program into this process's place, with the handover. Returns only when that failed,
 * with errno. */
void km_program_replace(const km_program *program, const km_handover *handover);

#endif
