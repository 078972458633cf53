/* Ends a process that a handler forked and that comes back from the handler: it would go on as a
 * second server, on the same sockets. */
#ifndef KM_BASE_ESCAPED_FORK_H
#define KM_BASE_ESCAPED_FORK_H

#include <stdbool.h>

/* This process was forked from one that serves. */
extern bool km_escaped_fork;

/* Called in a process that is about to serve: what forks from it from then on is not to serve. */
void km_escaped_fork_watch(void);
/* With a line on the log that names the request. Does not return. */
void km_escaped_fork_end(const char *method, const char *target) __attribute__((cold, noreturn));

/* Called where the application's code has come back. */
static inline void km_escaped_fork_check(const char *method, const char *target)
{
	if (__builtin_expect(km_escaped_fork, 0))
		km_escaped_fork_end(method, target);
}

#endif
