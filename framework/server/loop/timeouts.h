/* Timeouts that cost a request next to nothing: one list per kind of wait. All waits of a kind last
 * equally long, so a new one goes to the end of its list, and a sweep looks only at the front. */
#ifndef KM_SERVER_LOOP_TIMEOUTS_H
#define KM_SERVER_LOOP_TIMEOUTS_H

#include <komori/base.h>

typedef enum km_wait {
	KM_WAIT_IDLE,	/* for a first byte; the front is the least recently used connection */
	KM_WAIT_HEAD,	/* for the rest of a head; counts from its first byte */
	KM_WAIT_BODY,	/* for the rest of a body; counts from the end of the head */
	KM_WAIT_WRITE,	/* for the peer to take bytes; starts anew when there is room again, which
			 * the kernel reports when a third of what it holds is gone */
	KM_WAIT_THREAD, /* for a handler thread; never expires */
	KM_WAIT_LINGER, /* for the peer's end after ours */
	KM_WAIT_KINDS,
} km_wait;

typedef struct km_timeout {
	struct km_timeout *previous, *next; /* NULL while it does not run */
	uint32_t since;			    /* seconds */
	uint8_t kind;			    /* km_wait */
} km_timeout;

typedef struct km_timeouts {
	km_timeout heads[KM_WAIT_KINDS]; /* of circular lists */
	uint32_t seconds[KM_WAIT_KINDS];
} km_timeouts;

void km_timeouts_init(km_timeouts *timeouts);
/* Starts the timeout, or starts it anew, at `now` (seconds of a monotonic clock). */
void km_timeout_start(km_timeouts *timeouts, km_timeout *timeout, km_wait kind, uint32_t now);
/* Does nothing when the timeout does not run. */
void km_timeout_stop(km_timeout *timeout);
/* Returns one that has run longer than its kind may, or NULL. Leaves it in its list. */
km_timeout *km_timeouts_expired(km_timeouts *timeouts, uint32_t now);
/* Returns the one of that kind that has run longest, or NULL. */
km_timeout *km_timeouts_oldest(km_timeouts *timeouts, km_wait kind);

#endif
