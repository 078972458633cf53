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

/* Makes middleware that owns `inner` and borrows `viewer`. It serves clients on this machine, and
 * others that send `secret` (copied; NULL or "": none); docs/viewer.md has the rules. Returns NULL
 * when memory ran out; then the caller still owns `inner`. */
KM_API km_wsgi_app *km_viewer_middleware_new(km_wsgi_app *inner, km_viewer *viewer,
					     const char *secret);
/* Whether the viewer serves this target ("/__profile__/api/requests?x"), without calling the
 * application. */
KM_API bool km_viewer_serves(km_str target);

#ifdef __cplusplus
}
#endif
#endif
