#include "framework/server/listen/open.h"

static const char descriptor_prefix[] = "fd://";

/* What follows the prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static int open_host(km_listen_sockets *sockets, const char *host, const char *port)
{
	const char *path = after(host, KM_LISTEN_UNIX_PREFIX);
	const char *number = after(host, descriptor_prefix);

	if (number)
		return km_listen_descriptor(sockets, number);
	int failed = path ? km_listen_unix(sockets, path) : km_listen_inet(sockets, host, port);
	for (size_t i = 0; i < sockets->count; i++)
		sockets->all[i].bound_here = true;
	return failed;
}

int km_listen_sockets_open(km_listen_sockets *sockets, const char *host, const char *port)
{
	*sockets = (km_listen_sockets){0};
	int failed = km_listen_activated(sockets);
	if (!failed && sockets->count == 0)
		failed = open_host(sockets, host, port);
	if (failed)
		km_listen_sockets_finish(sockets);
	return failed;
}
