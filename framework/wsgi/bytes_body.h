/* A body that is there in one piece. */
#ifndef KM_WSGI_BYTES_BODY_H
#define KM_WSGI_BYTES_BODY_H

#include <komori/wsgi.h>

typedef struct km_bytes_body {
	km_body body; /* first member */
	km_str bytes; /* what is left to hand out */
} km_bytes_body;

/* `bytes` is borrowed until the body was closed. */
km_body *km_bytes_body_init(km_bytes_body *body, km_str bytes);

#endif
