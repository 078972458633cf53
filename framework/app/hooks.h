/* What the program wants to be told of its workers. */
#ifndef KM_APP_HOOKS_H
#define KM_APP_HOOKS_H

#include <komori/komori.h>

typedef struct km_lost_hook {
	void (*call)(void *context, const km_worker_facts *facts); /* NULL: none */
	void *context;
} km_lost_hook;

typedef struct km_hooks {
	int (*start)(void *context); /* NULL: none */
	void *start_context;
	km_lost_hook lost, timeout;
} km_hooks;

#endif
