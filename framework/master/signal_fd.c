#include "framework/master/signal_fd.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <komori/base.h>

#include "framework/base/clock.h"

int km_signal_fd_open(km_signal_fd *signals)
{
	const int handled[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, KM_SIGNAL_SERVING};

	signal(SIGCHLD, SIG_DFL); /* a parent may have left it ignored, which hides ends */
	sigemptyset(&signals->handled);
	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
		sigaddset(&signals->handled, handled[i]);
	sigprocmask(SIG_BLOCK, &signals->handled, &signals->before);
	signals->fd = signalfd(-1, &signals->handled, SFD_NONBLOCK | SFD_CLOEXEC);
	return signals->fd < 0 ? KM_EIO : 0;
}

void km_signal_fd_close(km_signal_fd *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

void km_signal_fd_wait(const km_signal_fd *signals, int wake_fd, int64_t ns)
{
	struct pollfd fds[] = {
		{.fd = signals->fd, .events = POLLIN},
		{.fd = wake_fd, .events = POLLIN},
	};
	const struct timespec limit = {ns / KM_SECOND_NS, ns % KM_SECOND_NS};

	ppoll(fds, 2, ns < 0 ? NULL : &limit, NULL);
}

bool km_signal_fd_next(const km_signal_fd *signals, km_signal *signal)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof info) != sizeof info)
		return false;
	*signal = (km_signal){(int)info.ssi_signo, (pid_t)info.ssi_pid};
	return true;
}
