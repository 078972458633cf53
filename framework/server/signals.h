/* The signals that end a server, as bytes on a descriptor that a loop can wait for. */
#ifndef KM_SERVER_SIGNALS_H
#define KM_SERVER_SIGNALS_H

#include <signal.h>

typedef struct km_signals {
	int fd; /* readable once SIGINT or SIGTERM came */
	/* As they were before. */
	struct sigaction interrupt, terminate, pipe, file_size;
} km_signals;

/* Catches SIGINT and SIGTERM, each once: a second one has its default effect and ends the process
 * at once, also while a handler keeps the loop from running. SIGPIPE and SIGXFSZ are caught without
 * effect, so that a write fails instead; programs that handlers start have them as usual. One at a
 * time in a process. Returns 0 or KM_EIO. */
int km_signals_init(km_signals *signals);
/* Puts back what was there before. */
void km_signals_finish(km_signals *signals);

#endif
