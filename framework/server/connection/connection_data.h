/* One client's connection: the data that reading, responding and writing share. */
#ifndef KM_SERVER_CONNECTION_CONNECTION_DATA_H
#define KM_SERVER_CONNECTION_CONNECTION_DATA_H

#include <event2/event_struct.h>
#include <netinet/in.h>

#include "framework/server/connection/exchange.h"

typedef enum km_connection_state {
	KM_CONNECTION_HEAD,	/* reads a head, or waits for one; no exchange */
	KM_CONNECTION_BODY,	/* reads the body of its exchange's request */
	KM_CONNECTION_RESPONSE, /* the response of its exchange is under way; nothing is read */
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
	struct event event; /* persistent; for what `waits` says */
	km_timeout timeout; /* see km_connection_of */
	km_loop *loop;
	km_exchange *exchange; /* of the request under way, else NULL */
	km_backlog *backlog;
	uint8_t state;	    /* km_connection_state */
	uint8_t waits;	    /* for EV_READ, EV_WRITE or nothing */
	bool yielding : 1;  /* gave way to others, behind a response or in the middle of one */
	bool closing : 1;   /* no more requests; close when the output is written */
	bool lingering : 1; /* then wait for the peer, which may still be sending */
	bool reset : 1;	    /* close so that the peer sees an error, not an end */
	bool dead : 1;	    /* the peer is gone, or memory: free at the end of the event */
	uint8_t remote_port_len, remote_addr_len;
	char remote_port[6];
	char remote_addr[INET6_ADDRSTRLEN];
} km_connection;

/* The connection that the timeout is part of. */
static inline km_connection *km_connection_of(km_timeout *timeout)
{
	return (km_connection *)(void *)((char *)timeout - offsetof(km_connection, timeout));
}

/* Whether a handler thread has the exchange, and the loop may not touch it. */
static inline bool km_connection_in_thread(const km_connection *connection)
{
	const km_exchange *exchange = connection->exchange;

	return exchange && km_exchange_pool(exchange) &&
	       exchange->handoff->place == KM_EXCHANGE_IN_THREAD;
}

#endif
