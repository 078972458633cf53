/* Accepts connections, and stops for a moment when descriptors run out. */
#ifndef KM_SERVER_CONNECTION_ACCEPTOR_H
#define KM_SERVER_CONNECTION_ACCEPTOR_H

#include "framework/server/listen/sockets.h"
#include "framework/server/loop/loop.h"

typedef struct km_acceptor {
	km_loop *loop;
	struct event **readable; /* one a socket */
	size_t count;
	struct event *resume; /* the end of a pause */
	/* For giving way to workers that have fewer connections. */
	int turn;	/* accepts left from those that it had left to them */
	int next_turn;	/* accepts that the next pause brings, when they take nothing */
	uint32_t least; /* the fewest connections that one of them had then */
	int64_t logged; /* for km_log_is_due */
} km_acceptor;

/* Starts to accept from the open sockets, which stay the caller's. Returns 0 or KM_ENOMEM. */
int km_acceptor_init(km_acceptor *acceptor, km_loop *loop, const km_listen_sockets *sockets);
/* Accepts at once some of the clients that wait in the backlog, or all of them. */
void km_acceptor_take(km_acceptor *acceptor, bool all);
/* Accepts zeroed ones and finished ones. */
void km_acceptor_finish(km_acceptor *acceptor);

#endif
