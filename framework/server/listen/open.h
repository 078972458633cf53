/* Opens what HOST and PORT name. */
#ifndef KM_SERVER_LISTEN_OPEN_H
#define KM_SERVER_LISTEN_OPEN_H

#include "framework/server/listen/sockets.h"

/* Opens what `host` and `port` name, as docs/configuration.md says: all addresses of a name,
 * unix:PATH or fd://N; or takes the sockets of systemd's LISTEN_FDS and ignores both. Returns 0; or
 * KM_E*, with none open and one line in `error`: what was tried, why it failed and what to do. */
int km_listen_sockets_open(km_listen_sockets *sockets, const char *host, const char *port,
			   char *error, size_t error_size);

#endif
