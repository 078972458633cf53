#include "framework/base/escaped_fork.h"

#include <pthread.h>
#include <unistd.h>

#include "framework/base/log.h"

bool km_escaped_fork;

static void in_child(void)
{
	km_escaped_fork = true;
}

static void watch(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

void km_escaped_fork_watch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
}

void km_escaped_fork_end(const char *method, const char *target)
{
	km_log("%s %s: process %ld, which the handler forked, returned from the handler and exits; "
	       "end a child with _exit or exec",
	       method, target, (long)getpid());
	_exit(1);
}
