/* The signals of a master or a supervisor, read from a descriptor. */
#ifndef KM_MASTER_SIGNAL_FD_H
#define KM_MASTER_SIGNAL_FD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A supervisor sends it to the master when all its workers serve. A real-time signal: those of two
 * senders are never merged. */
#define KM_SIGNAL_SERVING SIGRTMIN

typedef struct km_signal_fd {
	sigset_t handled, before; /* what is blocked here; what was blocked before */
	int fd;
} km_signal_fd;

typedef struct km_signal {
	int number;
	pid_t sender; /* 0: the kernel */
} km_signal;

/* Blocks SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 and KM_SIGNAL_SERVING. KM_EIO with errno. */
int km_signal_fd_open(km_signal_fd *signals);
/* Closes the descriptor and unblocks. Accepts one whose opening failed. */
void km_signal_fd_close(km_signal_fd *signals);
/* Waits for a signal, for `wake_fd` (-1: none) to be readable, or for `ns` nanoseconds (negative:
 * without end). */
void km_signal_fd_wait(const km_signal_fd *signals, int wake_fd, int64_t ns);
/* Takes the next signal that has come; false: there is none. */
bool km_signal_fd_next(const km_signal_fd *signals, km_signal *signal);

#endif
