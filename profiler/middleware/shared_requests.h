/* Requests whose recordings and facts lie in memory shared with processes that are forked later, so
 * that they can be told when the process that served them is gone. */
#ifndef KM_MIDDLEWARE_SHARED_REQUESTS_H
#define KM_MIDDLEWARE_SHARED_REQUESTS_H

#include <komori/profiler.h>
#include <stdatomic.h>

/* The facts of one request, texts cut where they are too long. Written by the thread that serves
 * it; read by others when that one is dead or stands still. */
typedef struct km_shared_facts {
	_Atomic pid_t owner; /* the process that serves it; 0: free */
	bool known;	     /* the facts are there, and the request is not told yet */
	int status;
	double started;	   /* seconds since the epoch */
	int64_t called_ns; /* CLOCK_MONOTONIC */
	char outcome[16];  /* "" until the request ended */
	char method[32], route[512];
	char path[2048], query[2048];
} km_shared_facts;

typedef struct km_shared_requests {
	size_t count;
	km_shared_facts *facts; /* mapped */
	km_profile **profiles;	/* one for each */
	atomic_size_t next;	/* where to look for a free one first */
} km_shared_requests;

/* None at all for a `count` of 0. KM_ENOMEM, then nothing is left to finish. */
int km_shared_requests_init(km_shared_requests *requests, size_t count, size_t memory);
void km_shared_requests_finish(km_shared_requests *requests);
/* A free one, with zeroed facts and an empty profile, for the calling process. Its index, or
 * `count` when none is free. Thread-safe, and safe between processes, as is give. */
size_t km_shared_requests_take(km_shared_requests *requests);
/* Empties a stopped one and frees it; does nothing in a child of the process that took it. */
void km_shared_requests_give(km_shared_requests *requests, km_shared_facts *facts);
/* The same for one whose process died. */
void km_shared_requests_reclaim(km_shared_requests *requests, size_t index);
/* A text into its place in the facts. */
void km_shared_facts_copy(char *to, size_t size, km_str text);
/* A copy that is safe to print whatever the process that died wrote there. */
void km_shared_facts_read(km_shared_facts *copy, const km_shared_facts *facts);

#endif
