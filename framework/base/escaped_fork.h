/* Ends a process that a handler forked and that returns from the handler. It would become a second
 * server on the same sockets. */
#ifndef KM_BASE_ESCAPED_FORK_H
#define KM_BASE_ESCAPED_FORK_H

#include <stdbool.h>

/* Whether a serving process forked this one. */
extern bool km_escaped_fork;

/* Marks the children that this process forks from now on; called before it serves. */
void km_escaped_fork_watch(void);
/* Logs the request, and exits. */
void km_escaped_fork_end(const char *method, const char *target) __attribute__((cold, noreturn));

/* Called where the application's code returns. */
static inline void km_escaped_fork_check(const char *method, const char *target)
{
	if (__builtin_expect(km_escaped_fork, 0))
		km_escaped_fork_end(method, target);
}

#endif
