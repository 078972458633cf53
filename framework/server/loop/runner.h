/* What a thread works with while it runs the application. */
#ifndef KM_SERVER_LOOP_RUNNER_H
#define KM_SERVER_LOOP_RUNNER_H

#include <komori/wsgi.h>

#include "framework/base/buffer.h"
#include "framework/http/date.h"
#include "framework/wsgi/request_slot.h"

typedef struct km_runner {
	km_wsgi_app *app;
	km_buffer *output; /* where it writes responses */
	km_http_date date;
	km_request_slot *progress; /* of the thread; NULL without a master */
	bool draining;		   /* each response ends its connection */
} km_runner;

#endif
