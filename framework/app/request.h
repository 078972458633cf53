/* The request of a handler: a thin view over environ. */
#ifndef KM_APP_REQUEST_H
#define KM_APP_REQUEST_H

#include "framework/app/router.h"

struct km_request {
	km_environ *environ;
	km_app *app;
	km_str method, path, query;
	const km_endpoint *endpoint; /* of the handler; NULL for automatic responses */
	const char **params;	     /* values of the endpoint's parameters, in their order */
};

/* Takes over what was matched. KM_ENOMEM. */
int km_request_set_match(km_request *req, const km_match *match);

#endif
