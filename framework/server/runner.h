/* What a thread works with while it runs the application. */
#ifndef KM_SERVER_RUNNER_H
#define KM_SERVER_RUNNER_H

#include <komori/wsgi.h>

#include "../base/buffer.h"
#include "../http/date.h"
#include "../wsgi/progress.h"

typedef struct km_runner {
	km_wsgi_app *app;
	km_buffer *output; /* where answers go */
	km_http_date date;
	km_progress *progress; /* of the thread; NULL without a master */
	int64_t now_ns;	       /* of km_progress_now, while a request starts; 0: nobody has looked */
	bool draining;	       /* answers say that the connection ends with them */
} km_runner;

#endif
