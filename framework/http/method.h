/* The request methods the server knows. */
#ifndef KM_HTTP_METHOD_H
#define KM_HTTP_METHOD_H

#include <komori/base.h>

/* A static, terminated view of the method, or {NULL, 0} for one the server does not implement
 * (501). Case matters (RFC 9110 section 9.1). CONNECT is not there: Komori is no proxy. */
km_str km_http_method(km_str text);

#endif
