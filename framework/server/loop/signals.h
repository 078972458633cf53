/* The signals that a server obeys, as bytes on a descriptor that a loop can wait for. */
#ifndef KM_SERVER_LOOP_SIGNALS_H
#define KM_SERVER_LOOP_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

enum { KM_SIGNALS_CAUGHT = 5 };

typedef struct km_signals {
	int fd; /* readable once one came */
	size_t count;
	int numbers[KM_SIGNALS_CAUGHT];
	struct sigaction before[KM_SIGNALS_CAUGHT];
} km_signals;

/* Catches SIGTERM and, but in a worker, SIGINT, each once: a second one has its default effect and
 * ends the process at once, also while a handler keeps the loop from running. A worker gets SIGTERM
 * more than once when all processes of a service do, and leaves the end to its master. Catches
 * SIGUSR1. SIGPIPE and SIGXFSZ are caught without effect, so that a write fails instead; programs
 * that handlers start have them as usual. A worker whose master is gone ends `patience` seconds
 * after its SIGTERM at the latest: nobody else would stop a handler that hangs. One at a time in a
 * process. Returns 0 or KM_EIO. */
int km_signals_init(km_signals *signals, bool worker, unsigned patience);
/* What came since the last call: SIGTERM for either of those that end a server, else SIGUSR1; 0 for
 * nothing. */
int km_signals_take(km_signals *signals);
/* Puts back what was there before. */
void km_signals_finish(km_signals *signals);

#endif
