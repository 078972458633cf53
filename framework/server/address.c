#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static int listen_on(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, zero = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	/* "::" takes IPv4 clients too. */
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

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

static int describe(int fd, km_address_text *bound)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &size))
		return -1;
	km_address_numeric((struct sockaddr *)&address, bound->host, bound->port);
	return 0;
}

int km_address_listen(const char *host, const char *port, km_address_text *bound, char *error,
		      size_t error_size)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;
	const char *open = strchr(host, ':') ? "[" : "", *shut = *open ? "]" : "";
	int failed = getaddrinfo(host, port, &hints, &found);

	if (failed) {
		snprintf(error, error_size, "cannot listen on %s%s%s:%s: %s", open, host, shut,
			 port, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
		return -1;
	}
	int fd = -1;
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
		fd = listen_on(at);
	if (fd < 0 || describe(fd, bound)) {
		snprintf(error, error_size, "cannot listen on %s%s%s:%s: %s", open, host, shut,
			 port, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}
