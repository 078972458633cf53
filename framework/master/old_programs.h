/* Workers of programs that ran in this process before, each program's with its guard. They are
 * children of this process, and serve until its own workers do. */
#ifndef KM_MASTER_OLD_PROGRAMS_H
#define KM_MASTER_OLD_PROGRAMS_H

#include <komori/base.h>

#include "framework/base/buffer.h"
#include "framework/master/retiring_workers.h"

typedef struct km_generation {
	km_guard guard; /* zeroed when there is none, or none any more */
	pid_t *pids;	/* of workers, and of processes that tell of workers */
	size_t count;
	bool stopping;	 /* they were told to stop */
	int64_t kill_ns; /* when patience ends; 0: this process has not told them to stop */
} km_generation;

typedef struct km_generations {
	km_generation *all;
	size_t count;
} km_generations;

/* Takes over what km_generations_export wrote before this program was run, NULL for nothing.
 * KM_EINVAL or KM_ENOMEM, then it has as many as could be read. */
int km_generations_import(km_generations *generations, const char *text);
/* For the program that takes over: these generations, and `pids` as one more with the `guard`
 * (which may be zeroed). Their descriptors stay open there. KM_ENOMEM or KM_EIO. */
int km_generations_export(const km_generations *generations, const km_generation *newest,
			  km_buffer *text);
/* No program takes over after all. */
void km_generations_keep(const km_generations *generations);
/* Leaves them to their parent, for a child of it. Accepts zeroed ones. */
void km_generations_finish(km_generations *generations);

/* Looks who has ended, and stops all when they are to: may_stop. Those without a guard are killed
 * graceful_ns later. */
void km_generations_tend(km_generations *generations, bool may_stop, int64_t graceful_ns);
/* Kills all. */
void km_generations_kill(km_generations *generations);
/* Tells them to open their logs again. */
void km_generations_reopen_logs(km_generations *generations);

#endif
