#include "framework/server/listen/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "framework/server/listen/address.h"
#include "framework/server/listen/sources.h"

static const char unix_prefix[] = "unix:", descriptor_prefix[] = "fd://";
#define BOUND_HERE ":here" /* behind an exported socket */

/* --- describing --- */

/* An abstract name begins with a NUL, which is written "@" (unix(7)). */
static void describe_unix(km_listen_socket *listening, const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	const char *sign = *path ? "" : "@";

	snprintf(listening->host, sizeof listening->host, "localhost");
	snprintf(listening->port, sizeof listening->port, "80");
	snprintf(listening->url, sizeof listening->url, "%s%s%.*s", unix_prefix, sign,
		 (int)(sizeof address->sun_path - 1), *sign ? path + 1 : path);
}

static void describe_inet(km_listen_socket *listening, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN + 16];

	km_address_numeric(address, listening->host, listening->port);
	km_address_join(listening->host, listening->port, text, sizeof text);
	snprintf(listening->url, sizeof listening->url, "http://%s/", text);
}

static int describe(km_listen_socket *listening)
{
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_storage room;
	} address = {.room = {0}};
	socklen_t size = sizeof address.room;

	if (getsockname(listening->fd, &address.any, &size))
		return -1;
	if (address.any.sa_family == AF_UNIX)
		describe_unix(listening, &address.local);
	else
		describe_inet(listening, &address.any);
	return 0;
}

km_listen_socket *km_listen_sockets_add(km_listen_sockets *sockets, int fd)
{
	km_listen_socket *all =
		reallocarray(sockets->all, sockets->count + 1, sizeof *sockets->all);
	km_listen_socket added = {.fd = fd};

	if (all)
		sockets->all = all;
	if (!all || describe(&added)) {
		int saved = errno;
		close(fd);
		errno = saved;
		return NULL;
	}
	all[sockets->count] = added;
	return &all[sockets->count++];
}

void km_listen_sockets_write(const km_listen_sockets *sockets, km_buffer *text)
{
	for (size_t i = 0; i < sockets->count; i++) {
		km_buffer_text(text, i ? " and " : "");
		km_buffer_text(text, sockets->all[i].url);
	}
}

/* --- opening and closing --- */

/* What follows the prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static int open_host(km_listen_sockets *sockets, const char *host, const char *port, char *error,
		     size_t error_size)
{
	const char *path = after(host, unix_prefix), *number = after(host, descriptor_prefix);

	if (path)
		return km_listen_unix(sockets, path, error, error_size);
	if (number)
		return km_listen_descriptor(sockets, number, error, error_size);
	return km_listen_inet(sockets, host, port, error, error_size);
}

int km_listen_sockets_open(km_listen_sockets *sockets, const char *host, const char *port,
			   char *error, size_t error_size)
{
	*sockets = (km_listen_sockets){0};
	int failed = km_listen_activated(sockets, error, error_size);
	if (!failed && sockets->count == 0) {
		failed = open_host(sockets, host, port, error, error_size);
		for (size_t i = 0; i < sockets->count; i++)
			sockets->all[i].bound_here = !after(host, descriptor_prefix);
	}
	if (failed)
		km_listen_sockets_finish(sockets);
	return failed;
}

/* While the socket is open its inode is not given to another file. */
static void remove_file(const km_listen_socket *listening)
{
	const char *path = after(listening->url, unix_prefix);
	struct stat there;

	if (!path || listening->inode == 0 || listening->owner != getpid())
		return;
	if (lstat(path, &there) == 0 && there.st_dev == listening->device &&
	    there.st_ino == listening->inode)
		unlink(path);
}

void km_listen_sockets_shut(const km_listen_sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->all[i].fd >= 0 && sockets->all[i].bound_here)
			shutdown(sockets->all[i].fd, SHUT_RD);
}

void km_listen_sockets_close(km_listen_sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		km_listen_socket *listening = &sockets->all[i];
		if (listening->fd < 0)
			continue;
		remove_file(listening);
		close(listening->fd);
		listening->fd = -1;
	}
}

void km_listen_sockets_finish(km_listen_sockets *sockets)
{
	km_listen_sockets_close(sockets);
	free(sockets->all);
	*sockets = (km_listen_sockets){0};
}

/* --- from program to program --- */

static int set_close_on_exec(const km_listen_sockets *sockets, int flags)
{
	int failed = 0;

	for (size_t i = 0; i < sockets->count; i++)
		failed |= fcntl(sockets->all[i].fd, F_SETFD, flags);
	return failed ? KM_EIO : 0;
}

int km_listen_sockets_export(const km_listen_sockets *sockets, km_buffer *text)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const km_listen_socket *listening = &sockets->all[i];
		km_buffer_printf(text, "%s%d:%ju:%ju%s", i ? "," : "", listening->fd,
				 (uintmax_t)listening->device, (uintmax_t)listening->inode,
				 listening->bound_here ? BOUND_HERE : "");
	}
	return text->failed ? KM_ENOMEM : set_close_on_exec(sockets, 0);
}

void km_listen_sockets_keep(const km_listen_sockets *sockets)
{
	set_close_on_exec(sockets, FD_CLOEXEC);
}

/* Returns how many bytes of `text` it has read, 0 when they are not what export writes, or KM_E*.
 */
static int import_one(km_listen_sockets *sockets, const char *text, char *error, size_t error_size)
{
	uintmax_t device, inode;
	char name[32];
	int fd, len = 0, here = 0;

	if (sscanf(text, "%d:%ju:%ju%n" BOUND_HERE "%n", &fd, &device, &inode, &len, &here) < 3)
		return 0;
	snprintf(name, sizeof name, "descriptor %d", fd);
	int failed = km_listen_inherited(sockets, fd, name, error, error_size);
	if (failed)
		return failed;
	km_listen_socket *listening = &sockets->all[sockets->count - 1];
	listening->device = (dev_t)device;
	listening->inode = (ino_t)inode;
	listening->owner = getpid();
	listening->bound_here = here > 0;
	return here ? here : len;
}

int km_listen_sockets_import(km_listen_sockets *sockets, const char *text, char *error,
			     size_t error_size)
{
	const char *at = text;
	int len;

	*sockets = (km_listen_sockets){0};
	do {
		len = import_one(sockets, at, error, error_size);
		if (len > 0)
			at += len;
	} while (len > 0 && *at++ == ',');
	if (len > 0 && at[-1] == '\0')
		return 0;
	if (len >= 0)
		snprintf(error, error_size, "cannot go on with the listening sockets \"%s\"", text);
	km_listen_sockets_finish(sockets);
	return len < 0 ? len : KM_EINVAL;
}
