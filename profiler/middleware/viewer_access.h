/* Decides which requests may see profiles (docs/viewer.md). */
#ifndef KM_MIDDLEWARE_VIEWER_ACCESS_H
#define KM_MIDDLEWARE_VIEWER_ACCESS_H

#include <komori/wsgi.h>

typedef enum km_viewer_access {
	KM_VIEWER_REFUSED,
	KM_VIEWER_ALLOWED,
	KM_VIEWER_BY_QUERY, /* allowed by the secret in the query */
} km_viewer_access;

/* `secret` is "" when none is configured. `given` is the one in the query, decoded, {NULL, 0} when
 * absent. */
km_viewer_access km_viewer_access_of(km_environ *environ, km_str secret, km_str given);

#endif
