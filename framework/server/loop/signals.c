#include "framework/server/loop/signals.h"

#include <errno.h>
#include <komori/base.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* For the signal handlers, which cannot reach anything else. */
static volatile sig_atomic_t notify_fd = -1;
static volatile sig_atomic_t must_stop, must_reopen;
static volatile sig_atomic_t master_pid; /* 0: there is none */
static volatile sig_atomic_t orphan_patience;

static void notify(void)
{
	const uint64_t one = 1;
	ssize_t written = write(notify_fd, &one, sizeof one);

	(void)written; /* a handler could not report a failure */
}

static void on_stop(int number)
{
	const struct sigaction fatal = {.sa_handler = SIG_DFL};
	int saved = errno;

	(void)number;
	must_stop = 1;
	if (master_pid && getppid() != (pid_t)master_pid) {
		sigaction(SIGALRM, &fatal, NULL); /* the program may have caught it */
		alarm((unsigned)orphan_patience);
	}
	notify();
	errno = saved;
}

static void on_reopen(int number)
{
	int saved = errno;

	(void)number;
	must_reopen = 1;
	notify();
	errno = saved;
}

static void do_nothing(int number)
{
	(void)number;
}

static void catch_signal(km_signals *signals, int number, void (*handler)(int), int flags)
{
	const struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_RESTART};

	signals->numbers[signals->count] = number;
	sigaction(number, &action, &signals->before[signals->count++]);
}

int km_signals_init(km_signals *signals, bool worker, unsigned patience)
{
	*signals = (km_signals){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
	if (signals->fd < 0)
		return KM_EIO;
	notify_fd = signals->fd;
	master_pid = worker ? getppid() : 0;
	orphan_patience = (sig_atomic_t)patience;
	must_stop = must_reopen = 0;
	catch_signal(signals, SIGTERM, on_stop, worker ? 0 : (int)SA_RESETHAND);
	if (!worker)
		catch_signal(signals, SIGINT, on_stop, (int)SA_RESETHAND);
	catch_signal(signals, SIGUSR1, on_reopen, 0);
	/* Not SIG_IGN, which exec would pass on. */
	catch_signal(signals, SIGPIPE, do_nothing, 0);
	catch_signal(signals, SIGXFSZ, do_nothing, 0);
	return 0;
}

int km_signals_take(km_signals *signals)
{
	uint64_t count;
	ssize_t got = read(signals->fd, &count, sizeof count);

	(void)got;
	if (must_stop) {
		must_stop = 0;
		return SIGTERM;
	}
	if (must_reopen) {
		must_reopen = 0;
		return SIGUSR1;
	}
	return 0;
}

void km_signals_finish(km_signals *signals)
{
	while (signals->count > 0) {
		signals->count--;
		sigaction(signals->numbers[signals->count], &signals->before[signals->count], NULL);
	}
	notify_fd = -1;
	close(signals->fd);
}
