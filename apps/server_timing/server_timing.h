/* Middleware that tells the browser how long the application took: Server-Timing: app;dur=12.3
 * (W3C Server Timing), from the call to start_response, in milliseconds. */
#ifndef SERVER_TIMING_H
#define SERVER_TIMING_H

#include <komori/wsgi.h>

/* Owns `inner` from then on; NULL when memory ran out. */
km_wsgi_app *server_timing_new(km_wsgi_app *inner);

#endif
