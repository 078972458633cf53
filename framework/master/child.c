#include "framework/master/child.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/signal.h"

pid_t km_child_fork(const sigset_t *unblocked)
{
	pid_t parent = getpid();

	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	km_signal_ignore(SIGINT);
	km_signal_ignore(SIGHUP);
	km_signal_ignore(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, unblocked, NULL);
	if (getppid() != parent) /* it died before prctl */
		_exit(1);
	return 0;
}

bool km_child_ended(pid_t pid, int *status)
{
	pid_t found;

	*status = 0;
	do
		found = waitpid(pid, status, WNOHANG);
	while (found < 0 && errno == EINTR);
	return found != 0;
}
