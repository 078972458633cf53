/* Accepts connections, and stops for a moment when descriptors run out. */
#ifndef KM_SERVER_LISTENER_H
#define KM_SERVER_LISTENER_H

#include "loop.h"

typedef struct km_listener {
	km_loop *loop;
	struct event *readable, *resume; /* resume: the end of a pause */
	int64_t logged;			 /* for km_log_is_due */
} km_listener;

/* Accepts from the listening socket `fd`, which stays the caller's. Returns 0 or KM_ENOMEM. */
int km_listener_init(km_listener *listener, km_loop *loop, int fd);
/* Accepts zeroed ones and finished ones. */
void km_listener_finish(km_listener *listener);

#endif
