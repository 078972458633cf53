/* The viewer as WSGI middleware: serves the page and its data under /__profile__/ and passes
 * everything else on. `PROFILE=1` puts it around an app by itself. */
#ifndef KOMORI_VIEWER_MIDDLEWARE_H
#define KOMORI_VIEWER_MIDDLEWARE_H

#include <komori/viewer.h>
#include <komori/wsgi.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KM_VIEWER_PATH "/__profile__"

/* Middleware around `inner`, which it owns from then on; `viewer` is borrowed. Peers on this
 * machine are served, others when they give `secret` (copied; NULL or "": never); docs/viewer.md
 * has the rules. NULL when memory ran out; then `inner` is still the caller's. */
KM_API km_wsgi_app *km_viewer_middleware_new(km_wsgi_app *inner, km_viewer *viewer,
					     const char *secret);
/* Whether the viewer answers a request for this target ("/__profile__/api/requests?x"): it needs
 * none of the application's code. */
KM_API bool km_viewer_serves(km_str target);

#ifdef __cplusplus
}
#endif
#endif
