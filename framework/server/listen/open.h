/* Opens what HOST and PORT name. */
#ifndef KM_SERVER_LISTEN_OPEN_H
#define KM_SERVER_LISTEN_OPEN_H

#include <limits.h>

#include "framework/server/listen/sockets.h"

/* Opens what `host` and `port` name, as docs/configuration.md says: all addresses of a name,
 * unix:PATH or fd://N; or takes the sockets of systemd's LISTEN_FDS and ignores both. Returns 0; or
 * KM_E*, with none open. */
int km_listen_sockets_open(km_listen_sockets *sockets, const char *host, const char *port);

/* --- each kind --- *
 *
 * Each function appends to `sockets` and returns 0; or returns KM_E*, and the caller closes what it
 * has appended. */

/* The kernel lowers it to net.core.somaxconn. */
enum { KM_LISTEN_BACKLOG = INT_MAX };

/* Every address of the name that this machine has; one port for all of them when it is "0". */
int km_listen_inet(km_listen_sockets *sockets, const char *host, const char *port);
/* A Unix socket. Replaces a socket file that no server listens on, and keeps any other file. */
int km_listen_unix(km_listen_sockets *sockets, const char *path);
/* The decimal number of a descriptor that the program was started with. */
int km_listen_descriptor(km_listen_sockets *sockets, const char *number);
/* systemd's socket activation (sd_listen_fds(3)). Removes its variables from the environment.
 * Appends nothing when they are missing or meant for another process. */
int km_listen_activated(km_listen_sockets *sockets);
/* Checks an open descriptor and appends it; `name` is for the message. */
int km_listen_inherited(km_listen_sockets *sockets, int fd, const char *name);

#endif
