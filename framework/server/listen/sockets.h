/* The sockets that a server listens on: opened once, before anything is forked, and described. */
#ifndef KM_SERVER_LISTEN_SOCKETS_H
#define KM_SERVER_LISTEN_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#include "framework/base/buffer.h"

typedef struct km_listen_socket {
	int fd;			     /* non-blocking, close-on-exec; -1 once closed */
	char host[INET6_ADDRSTRLEN]; /* SERVER_NAME; of a Unix socket "localhost" */
	char port[6];		     /* SERVER_PORT; of a Unix socket "80" */
	char url[128];		     /* "http://[::1]:5000/", "unix:/run/hello.sock" */
	/* Of a Unix socket that was bound here: what tells its file from one that another server
	 * has put in its place. */
	dev_t device;
	ino_t inode;	 /* 0: no file to remove */
	pid_t owner;	 /* the process that removes the file */
	bool bound_here; /* nobody but this program and its workers has it */
} km_listen_socket;

/* Zero-initialised is a valid empty list. Not thread-safe. */
typedef struct km_listen_sockets {
	km_listen_socket *all;
	size_t count;
} km_listen_sockets;

/* Opens what `host` and `port` name, as docs/configuration.md says: all addresses of a name,
 * unix:PATH or fd://N; or takes the sockets of systemd's LISTEN_FDS, for which both are ignored.
 * Returns 0; or KM_E*, with none open, and `error` says in one line what was tried, why it failed
 * and what to do. */
int km_listen_sockets_open(km_listen_sockets *sockets, const char *host, const char *port,
			   char *error, size_t error_size);
/* The URLs, joined by " and ". */
void km_listen_sockets_write(const km_listen_sockets *sockets, km_buffer *text);

/* Writes the open sockets in a form for the environment of a program that is to go on with them,
 * and lets exec hand them on. The files of Unix sockets become the concern of whoever imports them.
 * Returns 0, KM_ENOMEM or KM_EIO. */
int km_listen_sockets_export(const km_listen_sockets *sockets, km_buffer *text);
/* After an exec that failed: no other program gets them. */
void km_listen_sockets_keep(const km_listen_sockets *sockets);
/* Opens what another program's export wrote, as km_listen_sockets_open does. */
int km_listen_sockets_import(km_listen_sockets *sockets, const char *text, char *error,
			     size_t error_size);

/* Nobody can connect any more, also where other processes of this program have the sockets open;
 * who was not accepted yet is refused. Sockets that came from elsewhere are left alone. */
void km_listen_sockets_shut(const km_listen_sockets *sockets);
/* Closes this process's descriptors; in the process that opened or imported them, removes the files
 * of Unix sockets that are still theirs. The descriptions stay. Closed ones are accepted. */
void km_listen_sockets_close(km_listen_sockets *sockets);
/* Closes them and frees the list. */
void km_listen_sockets_finish(km_listen_sockets *sockets);

#endif
