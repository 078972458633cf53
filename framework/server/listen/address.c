#include "framework/server/listen/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
