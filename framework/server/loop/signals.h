/* The signals that a server obeys, on a descriptor that a loop can wait for. */
#ifndef KM_SERVER_LOOP_SIGNALS_H
#define KM_SERVER_LOOP_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

enum { KM_SIGNALS_CAUGHT = 5 };

typedef struct km_signals {
	int fd; /* readable when a signal came */
	size_t count;
	int numbers[KM_SIGNALS_CAUGHT];
	struct sigaction before[KM_SIGNALS_CAUGHT];
} km_signals;

/* Catches SIGTERM, SIGUSR1 and, without a master, SIGINT. SIGTERM and SIGINT are caught once: a
 * second one ends the process at once, also while a handler has the loop. A worker catches each
 * SIGTERM, since a service manager signals all processes of a service. A worker whose master is
 * gone ends at most `patience` seconds after its SIGTERM, as no master would kill a handler that
 * hangs. SIGPIPE and SIGXFSZ are caught without effect, so that a write fails instead; programs
 * that handlers start have them as usual. One at a time in a process. Returns 0 or KM_EIO. */
int km_signals_init(km_signals *signals, bool worker, unsigned patience);
/* Returns what came since the last call: SIGTERM for both signals that end a server, else SIGUSR1;
 * 0 for nothing. */
int km_signals_take(km_signals *signals);
/* Restores the actions from before. */
void km_signals_finish(km_signals *signals);

#endif
