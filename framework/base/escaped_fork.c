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
	km_log("%s %s: process %ld, which the handler forked, came back from it and is ended; a "
	       "child ends with _exit, or becomes another program",
	       method, target, (long)getpid());
	_exit(1);
}
