/* Time-outs that cost a request nothing: one list per kind of waiting. All of a kind wait equally
 * long, so a list is in order of expiry when its newest member goes to the end, and a sweep looks
 * only at the front. */
#ifndef KM_SERVER_DEADLINES_H
#define KM_SERVER_DEADLINES_H

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

typedef struct km_deadline {
	struct km_deadline *previous, *next; /* NULL while not waiting */
	uint32_t since;			     /* seconds */
	uint8_t kind;			     /* km_wait */
} km_deadline;

typedef struct km_deadlines {
	km_deadline heads[KM_WAIT_KINDS]; /* of circular lists */
	uint32_t seconds[KM_WAIT_KINDS];
} km_deadlines;

void km_deadlines_init(km_deadlines *deadlines);
/* Starts, or starts anew, to wait at `now` (seconds of a monotonic clock). */
void km_deadline_start(km_deadlines *deadlines, km_deadline *deadline, km_wait kind, uint32_t now);
/* Does nothing when the deadline waits for nothing. */
void km_deadline_stop(km_deadline *deadline);
/* One that has waited longer than its kind may, or NULL. It stays in its list. */
km_deadline *km_deadlines_expired(km_deadlines *deadlines, uint32_t now);
/* The one of that kind that has waited longest, or NULL. */
km_deadline *km_deadlines_oldest(km_deadlines *deadlines, km_wait kind);

#endif
