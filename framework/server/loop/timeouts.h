/* Time-outs that cost a request nothing: one list per kind of waiting. All of a kind wait equally
 * long, so a list is in order of expiry when its newest member goes to the end, and a sweep looks
 * only at the front. */
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
	struct km_timeout *previous, *next; /* NULL while not waiting */
	uint32_t since;			    /* seconds */
	uint8_t kind;			    /* km_wait */
} km_timeout;

typedef struct km_timeouts {
	km_timeout heads[KM_WAIT_KINDS]; /* of circular lists */
	uint32_t seconds[KM_WAIT_KINDS];
} km_timeouts;

void km_timeouts_init(km_timeouts *deadlines);
/* Starts, or starts anew, to wait at `now` (seconds of a monotonic clock). */
void km_timeout_start(km_timeouts *deadlines, km_timeout *deadline, km_wait kind, uint32_t now);
/* Does nothing when the deadline waits for nothing. */
void km_timeout_stop(km_timeout *deadline);
/* One that has waited longer than its kind may, or NULL. It stays in its list. */
km_timeout *km_timeouts_expired(km_timeouts *deadlines, uint32_t now);
/* The one of that kind that has waited longest, or NULL. */
km_timeout *km_timeouts_oldest(km_timeouts *deadlines, km_wait kind);

#endif
