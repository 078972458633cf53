#include "framework/server/listen/handover.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/server/listen/open.h"

#define BOUND_HERE ":here" /* behind a socket that this program bound */

int km_listen_sockets_export(const km_listen_sockets *sockets, km_buffer *text)
{
	int failed = 0;

	for (size_t i = 0; i < sockets->count; i++) {
		const km_listen_socket *listening = &sockets->all[i];
		km_buffer_printf(text, "%s%d:%ju:%ju%s", i ? "," : "", listening->fd,
				 (uintmax_t)listening->device, (uintmax_t)listening->inode,
				 listening->bound_here ? BOUND_HERE : "");
		failed |= fcntl(listening->fd, F_SETFD, 0);
	}
	return text->failed ? KM_ENOMEM : failed ? KM_EIO : 0;
}

/* Returns how many bytes of `text` it has read, 0 when they are not what export writes, or KM_E*.
 */
static int import_one(km_listen_sockets *sockets, const char *text)
{
	uintmax_t device, inode;
	char name[32];
	int fd, len = 0, here = 0;

	if (sscanf(text, "%d:%ju:%ju%n" BOUND_HERE "%n", &fd, &device, &inode, &len, &here) < 3)
		return 0;
	snprintf(name, sizeof name, "descriptor %d", fd);
	int failed = km_listen_inherited(sockets, fd, name);
	if (failed)
		return failed;
	km_listen_socket *listening = &sockets->all[sockets->count - 1];
	listening->device = (dev_t)device;
	listening->inode = (ino_t)inode;
	listening->owner = getpid();
	listening->bound_here = here > 0;
	return here ? here : len;
}

int km_listen_sockets_import(km_listen_sockets *sockets, const char *text)
{
	const char *at = text;
	int len;

	*sockets = (km_listen_sockets){0};
	do {
		len = import_one(sockets, at);
		if (len > 0)
			at += len;
	} while (len > 0 && *at++ == ',');
	if (len > 0 && at[-1] == '\0')
		return 0;
	if (len >= 0)
		snprintf(sockets->error, sizeof sockets->error,
			 "cannot import the listening sockets \"%s\"", text);
	km_listen_sockets_finish(sockets);
	return len < 0 ? len : KM_EINVAL;
}
