/* Clients that are heard together are read together, before the first of them is served: the
 * kernel's code for reading and ours for serving then each stay in the processor's caches for some
 * requests. With many busy clients that is a twentieth of a short request. */
#ifndef KM_SERVER_LOOP_READ_BATCH_H
#define KM_SERVER_LOOP_READ_BATCH_H

#include <komori/base.h>
#include <stdbool.h>

enum {
	KM_READ_MOST = 65536,	/* bytes of one read */
	KM_READ_BATCH_MOST = 8, /* clients; more gained nothing */
};

struct event;
struct event_base;
struct km_connection;

/* Of one loop. What is gathered was read and not served: whoever ends connections, or judges what
 * they wait for, has it served first. */
typedef struct km_read_batch {
	struct event_base *base;
	char *block, *room; /* which is in it */
	size_t used;	    /* bytes of it; behind them is room for the next read */
	size_t count;
	struct {
		struct km_connection *connection;
		km_str input;
	} all[KM_READ_BATCH_MOST];
	struct event *rest; /* serves behind all that is active */
} km_read_batch;

/* KM_ENOMEM. */
int km_read_batch_init(km_read_batch *gathering, struct event_base *base);
void km_read_batch_finish(km_read_batch *gathering);
/* Where the next read goes: KM_READ_MOST bytes. */
static inline char *km_read_batch_place(const km_read_batch *gathering)
{
	return gathering->room + gathering->used;
}

/* False when nothing is gathered and nothing else is about to be heard. */
bool km_read_batch_is_of_use(const km_read_batch *gathering);
/* `len` bytes were read there for the connection. They are served, with those gathered before them,
 * at the latest behind all that is about to be heard; perhaps before this returns. */
void km_read_batch_add(km_read_batch *gathering, struct km_connection *connection, size_t len);
/* Serves what is gathered, which may end those connections. */
void km_read_batch_serve(km_read_batch *gathering);

#endif
