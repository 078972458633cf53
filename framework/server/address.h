/* From a host name and a port to a listening socket, and back from an address to text. */
#ifndef KM_SERVER_ADDRESS_H
#define KM_SERVER_ADDRESS_H

#include <komori/base.h>
#include <netdb.h>
#include <sys/socket.h>

typedef struct km_address_text {
	char host[NI_MAXHOST];
	char port[8];
} km_address_text;

/* A non-blocking listening socket on the first address of `host` that can be bound, which `bound`
 * then describes. -1 on failure; `error` then holds one line that says what was tried. */
int km_address_listen(const char *host, const char *port, km_address_text *bound, char *error,
		      size_t error_size);
/* Numeric host and port of an IPv4 or IPv6 peer; empty strings for other families. `host` has room
 * for INET6_ADDRSTRLEN bytes, `port` for 6. */
void km_address_numeric(const struct sockaddr *address, char *host, char *port);

#endif
