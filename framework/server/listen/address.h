/* Socket addresses as text. */
#ifndef KM_SERVER_LISTEN_ADDRESS_H
#define KM_SERVER_LISTEN_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

/* Numeric host and port of an IPv4 or IPv6 peer; empty strings for other families. `host` has room
 * for INET6_ADDRSTRLEN bytes, `port` for 6. */
void km_address_numeric(const struct sockaddr *address, char *host, char *port);
/* "127.0.0.1:5000" or "[::1]:5000". */
void km_address_join(const char *host, const char *port, char *text, size_t size);

#endif
