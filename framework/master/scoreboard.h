/* Shared memory of a supervisor and its workers, mapped before the first fork. */
#ifndef KM_MASTER_SCOREBOARD_H
#define KM_MASTER_SCOREBOARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "framework/wsgi/request_slot.h"

typedef enum km_worker_state {
	KM_WORKER_STARTING,
	KM_WORKER_SERVING,
	KM_WORKER_LEAVING, /* takes no more connections; the next worker may start */
} km_worker_state;

/* Registers of a thread that crashed, by DWARF's numbers, and the inner end of its stack. Valid
 * once km_crash.signal is set. */
typedef struct km_crash_stack {
	uint64_t registers[17];
	uint64_t address; /* of the bytes in the worker */
	size_t size;	  /* 0: they could not be read */
	char bytes[65536];
} km_crash_stack;

/* A crash, reported by its worker, which then waits until the supervisor has printed the stack. */
typedef struct km_crash {
	_Atomic(uint32_t) claimed; /* by the first thread that crashes */
	_Atomic(uint32_t) signal;  /* 0: none; set last */
	_Atomic(uint32_t) printed; /* a futex: 1 when the worker may die */
	uint32_t thread;	   /* index of its request slot; UINT32_MAX for another thread */
	int code;		   /* si_code */
	uintptr_t address, pc;
	int64_t at_ns; /* CLOCK_MONOTONIC */
} km_crash;

typedef struct km_worker_slot {
	_Atomic(pid_t) pid; /* 0: free. Kept until the end of the worker is known */
	_Atomic(uint32_t) state;
	_Atomic(uint64_t) served; /* requests */
	_Atomic(int64_t)
		timed_out_ns; /* how long a request ran that its worker timed out; 0: none */
	_Atomic(uint32_t) timed_out_thread;
	_Atomic(uint32_t) connections; /* open ones */
	int wake_fd; /* an eventfd that supervisor and workers share: look at the slots */
	uint32_t threads;
	uint32_t index, count; /* of this slot; of all slots, which have the same size */
	km_crash crash;
	km_thread_slot thread_slots[]; /* one a thread that runs handlers */
} km_worker_slot;

typedef struct km_scoreboard {
	char *slots;
	km_crash_stack *crash_stacks; /* one a slot; costs memory only after a crash */
	size_t slot_size, count;
	int wake_fd;
} km_scoreboard;

/* For `count` workers at a time, each with `threads` threads that run handlers. KM_ENOMEM with
 * errno. */
int km_scoreboard_init(km_scoreboard *scoreboard, size_t count, uint32_t threads);
/* Accepts a zeroed one. */
void km_scoreboard_finish(km_scoreboard *scoreboard);
km_worker_slot *km_scoreboard_slot(const km_scoreboard *scoreboard, size_t index);
/* Clears the wakes up to now. The caller looks at the slots afterwards. */
void km_scoreboard_clear_wakes(const km_scoreboard *scoreboard);
/* Empties a slot for the next worker. */
void km_worker_slot_reset(km_worker_slot *slot);
/* Returns the fewest connections of another worker that could accept more now; UINT32_MAX: there is
 * none. */
uint32_t km_worker_slot_least_connections(const km_worker_slot *slot);
/* Makes the supervisor look at the slots. Called by a worker, also in a signal handler. */
void km_worker_slot_wake(const km_worker_slot *slot);

#endif
