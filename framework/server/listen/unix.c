#include "framework/server/listen/open.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_error(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int failed = fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address)
			     ? errno
			     : 0;

	if (fd >= 0)
		close(fd);
	return failed;
}

/* Removes the file of a server that was killed: nothing listens on it. NULL when it is gone, else
 * why the file stays. */
static const char *remove_stale(const struct sockaddr_un *address)
{
	struct stat there;
	int failed;

	if (lstat(address->sun_path, &there))
		return errno == ENOENT ? NULL : strerror(errno);
	if (!S_ISSOCK(there.st_mode))
		return "the file there is not a socket";
	failed = connect_error(address);
	switch (failed) {
	case ECONNREFUSED:
		return unlink(address->sun_path) && errno != ENOENT ? strerror(errno) : NULL;
	case ENOENT:
		return NULL;
	case 0:
	case EAGAIN:	 /* its backlog is full */
	case EPROTOTYPE: /* not a stream socket */
		return "already in use; stop what listens there, or choose another path";
	default:
		return strerror(failed);
	}
}

/* Binds the socket. NULL, or why that failed. */
static const char *bind_path(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *any = (const struct sockaddr *)address;
	const char *why;

	if (bind(fd, any, sizeof *address) == 0)
		return NULL;
	if (errno != EADDRINUSE)
		return strerror(errno);
	why = remove_stale(address);
	if (!why && bind(fd, any, sizeof *address))
		why = strerror(errno);
	return why;
}

/* Notes the file: closing the socket then removes it. */
static int own_file(km_listen_socket *listening, const char *path)
{
	struct stat made;

	if (lstat(path, &made))
		return -1;
	listening->device = made.st_dev;
	listening->inode = made.st_ino;
	listening->owner = getpid();
	return 0;
}

static const char *listen_at(km_listen_sockets *sockets, const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const char *why = fd < 0 ? strerror(errno) : bind_path(fd, address);

	if (why) {
		if (fd >= 0)
			close(fd);
		return why;
	}
	km_listen_socket *listening = km_listen_sockets_add(sockets, fd);
	if (!listening || own_file(listening, address->sun_path) ||
	    listen(listening->fd, KM_LISTEN_BACKLOG))
		return strerror(errno);
	return NULL;
}

/* Makes the path absolute where that fits: the program may change its folder before it removes the
 * file. `path` fits. */
static void set_path(struct sockaddr_un *address, const char *path)
{
	size_t size = sizeof address->sun_path, folder;
	char *to = address->sun_path;

	if (path[0] != '/' && getcwd(to, size) && to[0] == '/') {
		folder = to[1] ? strlen(to) : 0; /* of "/" */
		if (folder + 1 + strlen(path) < size) {
			to[folder] = '/';
			to += folder + 1;
		}
	}
	strcpy(to, path);
}

int km_listen_unix(km_listen_sockets *sockets, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof address.sun_path) {
		snprintf(sockets->error, sizeof sockets->error,
			 "cannot listen on unix:%s: the path of a socket has 1 to %zu bytes, this "
			 "one has %zu",
			 path, sizeof address.sun_path - 1, len);
		return KM_EINVAL;
	}
	set_path(&address, path);
	const char *why = listen_at(sockets, &address);
	if (!why)
		return 0;
	snprintf(sockets->error, sizeof sockets->error, "cannot listen on unix:%s: %s", path, why);
	return KM_EIO;
}
