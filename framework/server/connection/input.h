/* Takes requests out of a connection's input. */
#ifndef KM_SERVER_CONNECTION_INPUT_H
#define KM_SERVER_CONNECTION_INPUT_H

#include "framework/server/connection/connection_data.h"

enum { KM_INPUT_MORE = -100 }; /* the input does not hold all of it */

/* Takes one head from the front of the input and gives the connection an exchange with the request.
 * Returns 0, KM_INPUT_MORE (the caller keeps the input), the status to refuse with (the input then
 * begins with the head), or KM_ENOMEM. Puts "100 Continue" into the output when the client waits
 * for it. */
int km_input_head(km_connection *connection, km_str *input);
/* Takes the body of the connection's exchange from the front of the input. Returns 0 when it is
 * complete, KM_INPUT_MORE (the input is used up), or the status to refuse with. */
int km_input_body(km_connection *connection, km_str *input);

#endif
