/* What a thread works with while it runs the application. */
#ifndef KM_SERVER_LOOP_RUNNER_H
#define KM_SERVER_LOOP_RUNNER_H

#include <komori/wsgi.h>

#include "framework/base/buffer.h"
#include "framework/http/date.h"
#include "framework/wsgi/request_slot.h"

typedef struct km_runner {
	km_wsgi_app *app;
	km_buffer *output; /* where answers go */
	km_http_date date;
	km_thread_slot *progress; /* of the thread; NULL without a master */
	int64_t now_ns; /* of km_clock_coarse_ns, while a request starts; 0: nobody has looked */
	bool draining;	/* answers say that the connection ends with them */
} km_runner;

#endif
