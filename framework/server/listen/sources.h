/* Where listening sockets come from. Each function appends to `sockets`; or returns KM_E* with one
 * line in `error`, and what it has appended is the caller's to close. */
#ifndef KM_SERVER_LISTEN_SOURCES_H
#define KM_SERVER_LISTEN_SOURCES_H

#include <limits.h>

#include "framework/server/listen/sockets.h"

/* The kernel takes net.core.somaxconn for what is above it. */
enum { KM_LISTEN_BACKLOG = INT_MAX };

/* Every address of the name that this machine has; one port for all of them when it is "0". */
int km_listen_inet(km_listen_sockets *sockets, const char *host, const char *port, char *error,
		   size_t error_size);
/* A socket file that no server answers at is replaced, anything else at the path is kept. */
int km_listen_unix(km_listen_sockets *sockets, const char *path, char *error, size_t error_size);
/* The decimal number of a descriptor that was there at the start. */
int km_listen_descriptor(km_listen_sockets *sockets, const char *number, char *error,
			 size_t error_size);
/* systemd's socket activation (sd_listen_fds(3)); its variables are taken out of the environment.
 * Appends nothing when they are not there or are meant for another process. */
int km_listen_activated(km_listen_sockets *sockets, char *error, size_t error_size);

/* Checks an open descriptor and appends it; `name` is for the message. */
int km_listen_inherited(km_listen_sockets *sockets, int fd, const char *name, char *error,
			size_t error_size);
/* Appends a bound socket, described. NULL on failure, with errno; `fd` is then closed. */
km_listen_socket *km_listen_sockets_add(km_listen_sockets *sockets, int fd);

#endif
