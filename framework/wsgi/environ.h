/* Implements the environ of komori/wsgi.h: a view over one parsed request. */
#ifndef KM_WSGI_ENVIRON_H
#define KM_WSGI_ENVIRON_H

#include <komori/wsgi.h>

#include "framework/base/arena.h"
#include "framework/http/request.h"
#include "framework/wsgi/request_slot.h"

/* Facts of the server, the same for every request of a connection. */
typedef struct km_wsgi_server {
	km_str name, port;		 /* SERVER_NAME, SERVER_PORT */
	km_str remote_addr, remote_port; /* of the peer; {NULL, 0} for a Unix socket */
	bool multithread, multiprocess;
} km_wsgi_server;

typedef struct km_environ_variable km_environ_variable;

struct km_environ {
	const km_http_request *request;
	const km_wsgi_server *server;
	km_arena *arena;
	km_environ_variable *set; /* by km_environ_set and _set_pointer, newest first */
	km_str route;		  /* komori.route, unless it is in `set` */
	uintptr_t handler;	  /* that was found for the request; 0: none */
	km_request_slot *slot;	  /* where other processes see the request; NULL: nowhere */
	size_t body_read;	  /* bytes of the body that km_environ_read returned */
};

/* Borrows all arguments for as long as the environ is used. */
void km_environ_init(km_environ *environ, const km_http_request *request,
		     const km_wsgi_server *server, km_arena *arena);

/* Gets what dispatch needs: REQUEST_METHOD, PATH_INFO and QUERY_STRING. */
void km_environ_target(const km_environ *environ, km_str *method, km_str *path, km_str *query);
/* Returns the name of a header's variable, such as HTTP_X_Y or CONTENT_TYPE; {NULL, 0} when memory
 * ran out. */
km_str km_environ_header_variable(km_environ *environ, km_str header);
/* Returns komori.route; {NULL, 0} before a route matched. */
km_str km_environ_route(const km_environ *environ);
/* Sets komori.route; borrows `route`. Returns 0 or KM_ENOMEM. */
int km_environ_set_route(km_environ *environ, km_str route);
/* Notes the handler that is called next. */
void km_environ_set_handler(km_environ *environ, uintptr_t handler);
/* Returns the whole body, terminated, without a copy; {NULL, 0} when its file cannot be mapped.
 * km_environ_read is at the end afterwards. */
km_str km_environ_body(km_environ *environ);

#endif
