/* Hands open listening sockets to the program that replaces this one at a reload. */
#ifndef KM_SERVER_LISTEN_HANDOVER_H
#define KM_SERVER_LISTEN_HANDOVER_H

#include "framework/server/listen/sockets.h"

/* Writes the open sockets as text for the environment of the next program, and lets exec pass them
 * on. The program that imports them removes the files of Unix sockets. Returns 0, KM_ENOMEM or
 * KM_EIO. */
int km_listen_sockets_export(const km_listen_sockets *sockets, km_buffer *text);
/* Opens what another program's export wrote. Returns and reports as km_listen_sockets_open. */
int km_listen_sockets_import(km_listen_sockets *sockets, const char *text);

#endif
