/* What all connections of one event loop share. */
#ifndef KM_SERVER_LOOP_H
#define KM_SERVER_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>

#include "../base/buffer.h"
#include "../http/date.h"
#include "../http/head_scan.h"
#include "../wsgi/environ.h"
#include "access_log.h"
#include "deadlines.h"
#include "server.h"

enum { KM_LOOP_INPUT = 65536 };

typedef struct km_exchange km_exchange;

typedef struct km_loop {
	struct event_base *base;
	km_wsgi_app *app;
	km_http_limits limits;
	size_t max_body, body_memory, max_output;
	int64_t storage_logged; /* for km_log_is_due */
	km_str name, port;	/* SERVER_NAME, SERVER_PORT */
	/* Both belong to the connection that is being served, and to none between two events. */
	char *input; /* KM_LOOP_INPUT bytes: where a socket is read when nothing is left over */
	km_buffer output;
	km_http_date date;
	km_access_log access_log;
	km_deadlines deadlines;
	km_exchange *spare; /* exchanges to use again */
	size_t spare_count;
	size_t connections, max_connections;
	bool draining; /* no new requests; leave the loop with the last connection */
} km_loop;

/* Seconds of a coarse monotonic clock. */
uint32_t km_loop_now(void);

#endif
