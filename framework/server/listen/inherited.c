#include "framework/server/listen/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/log.h"

enum { FIRST_ACTIVATED = 3 }; /* SD_LISTEN_FDS_START */

static int socket_option(int fd, int name)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) ? -1 : value;
}

/* NULL, or why connections cannot be accepted from it. */
static const char *check(int fd)
{
	int domain = socket_option(fd, SO_DOMAIN);

	if (domain < 0 && errno == ENOTSOCK)
		return "it is not a socket";
	if (domain < 0)
		return strerror(errno);
	if (socket_option(fd, SO_TYPE) != SOCK_STREAM ||
	    (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX))
		return "it is not a stream socket of TCP or of a path";
	if (socket_option(fd, SO_ACCEPTCONN) != 1)
		return "it does not listen";
	return NULL;
}

static const char *prepare(int fd)
{
	const char *why = check(fd);

	if (why)
		return why;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return strerror(errno);
	return NULL;
}

int km_listen_inherited(km_listen_sockets *sockets, int fd, const char *name)
{
	const char *why = prepare(fd);

	if (!why && !km_listen_sockets_add(sockets, fd))
		why = strerror(errno);
	if (!why)
		return 0;
	snprintf(sockets->error, sizeof sockets->error,
		 "cannot listen on %s: %s; the program that starts this one must open it", name,
		 why);
	return KM_EIO;
}

/* Decimal digits from `least` to INT_MAX. */
static bool read_number(const char *text, int least, int *number)
{
	char *end;
	long value = strtol(text, &end, 10);

	/* strtol takes blanks and a sign as well. */
	if (*text < '0' || *text > '9' || *end || value < least || value > INT_MAX)
		return false;
	*number = (int)value;
	return true;
}

int km_listen_descriptor(km_listen_sockets *sockets, const char *number)
{
	char name[32];
	int fd;

	if (!read_number(number, 0, &fd)) {
		snprintf(sockets->error, sizeof sockets->error,
			 "cannot listen on fd://%s: a descriptor is a decimal number", number);
		return KM_EINVAL;
	}
	snprintf(name, sizeof name, "fd://%d", fd);
	return km_listen_inherited(sockets, fd, name);
}

/* Returns the count of sockets or KM_EINVAL. */
static int read_activation(km_listen_sockets *sockets, const char *pid, const char *count)
{
	int process, number;

	if (!read_number(pid, 1, &process)) {
		snprintf(sockets->error, sizeof sockets->error,
			 "LISTEN_PID: \"%s\" is not a process id", pid);
		return KM_EINVAL;
	}
	if (process != getpid())
		return 0;
	if (!count || !read_number(count, 1, &number)) {
		snprintf(
			sockets->error, sizeof sockets->error,
			"LISTEN_FDS: \"%s\" is not a count of sockets, which is a number from 1 on",
			count ? count : "");
		return KM_EINVAL;
	}
	return number;
}

int km_listen_activated(km_listen_sockets *sockets)
{
	const char *pid = getenv("LISTEN_PID");
	int count = pid ? read_activation(sockets, pid, getenv("LISTEN_FDS")) : 0;
	char name[48];

	if (count < 0)
		return count;
	for (int i = 0; i < count; i++) {
		int fd = FIRST_ACTIVATED + i;
		snprintf(name, sizeof name, "descriptor %d of LISTEN_FDS", fd);
		int failed = km_listen_inherited(sockets, fd, name);
		if (failed)
			return failed;
	}
	/* They are not meant for the programs that this one starts. */
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (count > 0)
		km_log("LISTEN_FDS has %d listening %s: HOST and PORT have no effect", count,
		       count == 1 ? "socket" : "sockets");
	return 0;
}
