#include "framework/server/listen/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* --- as text --- */

static void write_port(char *text, uint16_t port)
{
	snprintf(text, 6, "%u", (unsigned)port);
}

void km_address_numeric(const struct sockaddr *address, char *host, char *port)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

	host[0] = port[0] = '\0';
	if (address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, host, INET_ADDRSTRLEN);
		write_port(port, ntohs(four->sin_port));
	} else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], host, INET_ADDRSTRLEN);
		write_port(port, ntohs(six->sin6_port));
	} else if (address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &six->sin6_addr, host, INET6_ADDRSTRLEN);
		write_port(port, ntohs(six->sin6_port));
	}
}

void km_address_join(const char *host, const char *port, char *text, size_t size)
{
	snprintf(text, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* An abstract name begins with a NUL, which is written "@" (unix(7)). */
static void describe_unix(km_listen_socket *listening, const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	const char *sign = *path ? "" : "@";

	snprintf(listening->host, sizeof listening->host, "localhost");
	snprintf(listening->port, sizeof listening->port, "80");
	snprintf(listening->url, sizeof listening->url, KM_LISTEN_UNIX_PREFIX "%s%.*s", sign,
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

/* As long as the socket is open the file system gives its inode to no other file. */
static void remove_file(const km_listen_socket *listening)
{
	const char *path = listening->url + strlen(KM_LISTEN_UNIX_PREFIX);
	struct stat there;

	if (listening->inode == 0 || listening->owner != getpid())
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
	sockets->all = NULL;
	sockets->count = 0;
}
