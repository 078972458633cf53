/* Middleware that adds the header Server-Timing: app;dur=12.3 (W3C Server Timing): milliseconds
 * from the call to start_response. */
#ifndef SERVER_TIMING_H
#define SERVER_TIMING_H

#include <komori/wsgi.h>

/* Takes ownership of `inner`; NULL when memory runs out. */
km_wsgi_app *server_timing_new(km_wsgi_app *inner);

#endif
