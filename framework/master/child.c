#include "framework/master/child.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/signal.h"

pid_t km_child_fork(const sigset_t *signals)
{
	pid_t parent = getpid();

	fflush(NULL); /* unwritten output must not leave twice */
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* What a terminal sends to all its processes is the master's affair. */
	km_signal_ignore(SIGINT);
	km_signal_ignore(SIGHUP);
	km_signal_ignore(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, signals, NULL);
	if (getppid() != parent) /* it died in between */
		_exit(1);
	return 0;
}

static bool take_told(km_ends *ends, pid_t pid, int *status)
{
	for (size_t i = 0; i < ends->count; i++) {
		if (ends->told[i].pid != pid)
			continue;
		*status = ends->told[i].status;
		ends->told[i] = ends->told[--ends->count];
		return true;
	}
	return false;
}

bool km_child_ended(km_ends *others, pid_t pid, int *status)
{
	pid_t found;

	*status = 0;
	do
		found = waitpid(pid, status, WNOHANG);
	while (found < 0 && errno == EINTR);
	if (found < 0 && others)
		return take_told(others, pid, status);
	return found != 0;
}

void km_ends_add(km_ends *ends, km_end end)
{
	if (ends->count < ends->capacity)
		ends->told[ends->count++] = end;
}
