/* Ends a process that a handler forked and that comes back from the handler: it would go on as a
 * second server, on the same sockets. */
#ifndef KM_WSGI_STRAY_CHILD_H
#define KM_WSGI_STRAY_CHILD_H

#include <stdbool.h>

/* This process was forked from one that serves. */
extern bool km_stray_child;

/* Called in a process that is about to serve: what forks from it from then on is not to serve. */
void km_stray_child_watch(void);
/* With a line on the log that names the request. Does not return. */
void km_stray_child_end(const char *method, const char *target) __attribute__((cold, noreturn));

/* Called where the application's code has come back. */
static inline void km_stray_child_check(const char *method, const char *target)
{
	if (__builtin_expect(km_stray_child, 0))
		km_stray_child_end(method, target);
}

#endif
