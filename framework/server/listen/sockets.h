/* The sockets that a server listens on: opened once, before anything is forked, and described. */
#ifndef KM_SERVER_LISTEN_SOCKETS_H
#define KM_SERVER_LISTEN_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#include "framework/base/buffer.h"

#define KM_LISTEN_UNIX_PREFIX "unix:"

typedef struct km_listen_socket {
	int fd;			     /* non-blocking, close-on-exec; -1 once closed */
	char host[INET6_ADDRSTRLEN]; /* SERVER_NAME; of a Unix socket "localhost" */
	char port[6];		     /* SERVER_PORT; of a Unix socket "80" */
	char url[128];		     /* "http://[::1]:5000/", "unix:/run/hello.sock" */
	/* Of a Unix socket that this program bound: they distinguish its file from one that another
	 * server has put in its place. */
	dev_t device;
	ino_t inode;	 /* 0: no file to remove */
	pid_t owner;	 /* the process that removes the file */
	bool bound_here; /* only this program and its workers have it */
} km_listen_socket;

/* Zero-initialised is a valid empty list. Not thread-safe. */
typedef struct km_listen_sockets {
	km_listen_socket *all;
	size_t count;
	char error[1536]; /* of the function that failed: what was tried, why it failed, what to do
			   */
} km_listen_sockets;

/* Writes numeric host and port of an IPv4 or IPv6 address; empty strings for other families. `host`
 * has room for INET6_ADDRSTRLEN bytes, `port` for 6. */
void km_address_numeric(const struct sockaddr *address, char *host, char *port);
/* Writes "127.0.0.1:5000" or "[::1]:5000". */
void km_address_join(const char *host, const char *port, char *text, size_t size);
/* Appends a bound socket, described. NULL on failure, with errno; `fd` is then closed. */
km_listen_socket *km_listen_sockets_add(km_listen_sockets *sockets, int fd);
/* Appends the URLs to `text`, joined by " and ". */
void km_listen_sockets_write(const km_listen_sockets *sockets, km_buffer *text);
/* Stops listening, also for the other processes of this program that have the sockets open; the
 * kernel refuses the connections that were not accepted. Has no effect on sockets that came from
 * another program. */
void km_listen_sockets_shut(const km_listen_sockets *sockets);
/* Closes this process's descriptors; in the process that opened or imported them, removes the files
 * of Unix sockets that are still theirs. Keeps the descriptions. Accepts closed ones. */
void km_listen_sockets_close(km_listen_sockets *sockets);
/* Closes them and frees the list. Keeps `error`. */
void km_listen_sockets_finish(km_listen_sockets *sockets);

#endif
