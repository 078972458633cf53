#include "framework/server/listen/open.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_TRIES = 16 }; /* ports that are free on one address and taken on another */

/* Returns 0 or an errno. With `alone`, "::" takes IPv4 clients too. */
static int listen_on(km_listen_sockets *sockets, const struct addrinfo *address, bool alone)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, six_only = !alone, failed = 0;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &six_only, sizeof six_only);
	if (bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, KM_LISTEN_BACKLOG)) {
		failed = errno;
		close(fd);
	} else if (!km_listen_sockets_add(sockets, fd)) {
		failed = errno;
	}
	return failed;
}

/* Whether `address` was in the list before: a resolver may give one twice. */
static bool is_repeated(const struct addrinfo *found, const struct addrinfo *address)
{
	for (; found != address; found = found->ai_next) {
		if (found->ai_addrlen == address->ai_addrlen &&
		    memcmp(found->ai_addr, address->ai_addr, address->ai_addrlen) == 0)
			return true;
	}
	return false;
}

static void set_ports(struct addrinfo *found, const char *port)
{
	in_port_t number = htons((uint16_t)atoi(port));

	for (; found; found = found->ai_next) {
		if (found->ai_family == AF_INET)
			((struct sockaddr_in *)(void *)found->ai_addr)->sin_port = number;
		else
			((struct sockaddr_in6 *)(void *)found->ai_addr)->sin6_port = number;
	}
}

/* Returns 0 or an errno, and where. Leaves out an address that this machine does not have, as long
 * as there is another. IPv4 comes first, which more people know by sight. */
static int listen_on_all(km_listen_sockets *sockets, struct addrinfo *found,
			 const struct addrinfo **where)
{
	static const int families[] = {AF_INET, AF_INET6};
	int absent = EAFNOSUPPORT;

	for (size_t i = 0; i < 2; i++) {
		for (const struct addrinfo *at = found; at; at = at->ai_next) {
			if (at->ai_family != families[i] || is_repeated(found, at))
				continue;
			int failed = listen_on(sockets, at, !found->ai_next);
			if (failed)
				*where = at;
			if (failed == EADDRNOTAVAIL || failed == EAFNOSUPPORT)
				absent = failed;
			else if (failed)
				return failed;
			else
				set_ports(found, sockets->all[0].port);
		}
	}
	return sockets->count ? 0 : absent;
}

static const char *advice(int failed)
{
	switch (failed) {
	case EADDRINUSE:
		return "; stop what listens there, or choose another PORT";
	case EACCES:
		return "; low ports need root or CAP_NET_BIND_SERVICE, others do not";
	case EADDRNOTAVAIL:
		return "; HOST must be an address of this machine";
	default:
		return "";
	}
}

static void explain(km_listen_sockets *sockets, const struct addrinfo *where, const char *host,
		    int failed)
{
	char numeric[INET6_ADDRSTRLEN], port[6], text[INET6_ADDRSTRLEN + 16];

	km_address_numeric(where->ai_addr, numeric, port);
	km_address_join(numeric, port, text, sizeof text);
	bool is_name = strcmp(numeric, host) != 0;
	snprintf(sockets->error, sizeof sockets->error, "cannot listen on %s%s%s%s: %s%s", text,
		 is_name ? " (" : "", is_name ? host : "", is_name ? ")" : "", strerror(failed),
		 advice(failed));
}

/* localhost is the loopback address of both families, whatever the resolver says (RFC 6761 section
 * 6.3): clients try both. */
static int resolve(const char *host, const char *port, struct addrinfo **found)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};

	return getaddrinfo(strcmp(host, "localhost") == 0 ? NULL : host, port, &hints, found);
}

int km_listen_inet(km_listen_sockets *sockets, const char *host, const char *port)
{
	struct addrinfo *found = NULL;
	const struct addrinfo *where = NULL;
	char text[NI_MAXHOST + 16];
	int failed = resolve(host, port, &found);

	if (failed) {
		km_address_join(host, port, text, sizeof text);
		snprintf(sockets->error, sizeof sockets->error,
			 "cannot listen on %s: %s; HOST is a name or an address of this machine, "
			 "without "
			 "scheme, brackets and port, or unix:PATH, or fd://N",
			 text, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
		return KM_EIO;
	}
	where = found;
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		failed = listen_on_all(sockets, found, &where);
		if (failed != EADDRINUSE || strcmp(port, "0") != 0)
			break;
		km_listen_sockets_finish(sockets);
		set_ports(found, port);
	}
	if (failed)
		explain(sockets, where, host, failed);
	freeaddrinfo(found);
	return failed ? KM_EIO : 0;
}
