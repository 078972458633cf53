#include "signals.h"

#include <errno.h>
#include <komori/base.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A signal handler has no other way to reach it. */
static volatile sig_atomic_t notify_fd = -1;

static void on_signal(int number)
{
	int saved = errno;
	const uint64_t one = 1;
	ssize_t written = write(notify_fd, &one, sizeof one);

	(void)number;
	(void)written; /* an eventfd takes it, and a handler could not report it */
	errno = saved;
}

static void do_nothing(int number)
{
	(void)number;
}

int km_signals_init(km_signals *signals)
{
	struct sigaction caught = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	/* Not SIG_IGN, which exec would hand on. */
	struct sigaction without_effect = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};

	signals->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (signals->fd < 0)
		return KM_EIO;
	notify_fd = signals->fd;
	caught.sa_flags |= (int)SA_RESETHAND;
	sigaction(SIGINT, &caught, &signals->interrupt);
	sigaction(SIGTERM, &caught, &signals->terminate);
	sigaction(SIGPIPE, &without_effect, &signals->pipe);
	sigaction(SIGXFSZ, &without_effect, &signals->file_size);
	return 0;
}

void km_signals_finish(km_signals *signals)
{
	sigaction(SIGINT, &signals->interrupt, NULL);
	sigaction(SIGTERM, &signals->terminate, NULL);
	sigaction(SIGPIPE, &signals->pipe, NULL);
	sigaction(SIGXFSZ, &signals->file_size, NULL);
	notify_fd = -1;
	close(signals->fd);
}
