/* One client's connection: reads requests, has them answered in order, closes. */
#ifndef KM_SERVER_CONNECTION_CONNECTION_H
#define KM_SERVER_CONNECTION_CONNECTION_H

#include "framework/server/connection/exchange.h"

typedef enum km_connection_state {
	KM_CONNECTION_HEAD,   /* reads a head, or waits for one; no exchange */
	KM_CONNECTION_BODY,   /* reads the body of its exchange's request */
	KM_CONNECTION_ANSWER, /* the answer of its exchange is under way; nothing is read */
	KM_CONNECTION_LINGER, /* has shut its side; reads and drops until the peer does the same */
} km_connection_state;

/* Bytes that wait: only while a request is partial or the socket takes no more. */
typedef struct km_backlog {
	km_buffer input;	/* read, not yet served */
	km_http_head_scan scan; /* how far `input` was looked at */
	km_buffer output;	/* not yet taken by the socket */
	size_t sent;		/* bytes of `output` that were */
} km_backlog;

/* Thousands of these sit idle: what only an active one needs hangs off `exchange` and `backlog`. */
typedef struct km_connection {
	struct event event;  /* persistent; read, or write while `writing` */
	km_timeout deadline; /* see deadline_connection */
	km_loop *loop;
	km_exchange *exchange; /* of the request under way, else NULL */
	km_backlog *backlog;
	uint8_t state;	    /* km_connection_state */
	uint8_t waits;	    /* for EV_READ, EV_WRITE or, while a thread has the exchange, nothing */
	bool yielding : 1;  /* gave way to others, behind an answer or in the middle of one */
	bool closing : 1;   /* no more requests; close when the output is written */
	bool lingering : 1; /* then wait for the peer, which may still be sending */
	bool reset : 1;	    /* close so that the peer sees an error, not an end */
	bool dead : 1;	    /* the peer is gone, or memory: free at the end of the event */
	uint8_t remote_port_len, remote_addr_len;
	char remote_port[6];
	char remote_addr[INET6_ADDRSTRLEN];
} km_connection;

/* Takes over the accepted non-blocking socket; closes it when memory runs out. */
void km_connection_open(km_loop *loop, int fd, const struct sockaddr *peer);
/* Frees it at once, whatever is under way; the body is closed. */
void km_connection_free(km_connection *connection);
/* Serves what was read from it, which is not in its backlog, or is all of that; then settles. False
 * when the connection is gone. */
bool km_connection_serve(km_connection *connection, km_str input);
/* The exchange came back from a thread: goes on with it. */
void km_connection_answered(km_connection *connection);
/* The end of every event: writes, keeps `rest` of what was read, and waits for what comes next.
 * False when the connection is gone. */
bool km_connection_settle(km_connection *connection, km_str rest);
/* Goes on with what has come and was not seen: nobody looks while a handler has the loop, and
 * behind it libevent tells of some connections at a time. True when the wait is over, perhaps with
 * the connection, or may be, as others were served first: its deadline has not passed then, or
 * whoever asks asks again. */
bool km_connection_catch_up(km_connection *connection);
/* The wait of the connection has expired: answers 408 or closes. A slow reader sees a reset: its
 * answer is cut short, and the kernel drops what it holds of it. */
void km_connection_expire(km_connection *connection);
/* The connection that the deadline is part of. */
km_connection *km_connection_of(km_timeout *deadline);

#endif
