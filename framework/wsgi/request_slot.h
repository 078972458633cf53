/* What one thread of a worker is serving, in memory that the master still reads when the worker is
 * gone. Written by that thread alone; a reader in another process may find a text half written, but
 * always terminated. */
#ifndef KM_WSGI_REQUEST_SLOT_H
#define KM_WSGI_REQUEST_SLOT_H

#include <komori/base.h>
#include <stdatomic.h>

#include "framework/base/clock.h"

enum { KM_REQUEST_SLOT_METHOD = 32, KM_REQUEST_SLOT_TARGET = 2048, KM_REQUEST_SLOT_ROUTE = 512 };

typedef struct km_request_slot {
	/* CLOCK_MONOTONIC when the thread went into the application; 0 while it is elsewhere. */
	_Atomic(int64_t) since_ns;
	int64_t started_ns;	    /* when the request began */
	_Atomic(uint64_t) request;  /* its number in this process */
	_Atomic(uintptr_t) handler; /* 0 before one was found */
	char method[KM_REQUEST_SLOT_METHOD], target[KM_REQUEST_SLOT_TARGET],
		route[KM_REQUEST_SLOT_ROUTE];
} km_request_slot;

/* Cut where it is too long. */
static inline void km_request_slot_copy(char *to, size_t size, km_str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	if (len)
		memcpy(to, text.ptr, len);
	to[len] = '\0';
}

/* The thread begins a request, at `now` as km_clock_coarse_ns has it. */
static inline void km_request_slot_begin(km_request_slot *progress, int64_t now, uint64_t request,
					 km_str method, km_str target)
{
	atomic_store_explicit(&progress->request, request, memory_order_relaxed);
	progress->started_ns = now;
	atomic_store_explicit(&progress->handler, 0, memory_order_relaxed);
	progress->route[0] = '\0';
	km_request_slot_copy(progress->method, sizeof progress->method, method);
	km_request_slot_copy(progress->target, sizeof progress->target, target);
	atomic_store_explicit(&progress->since_ns, progress->started_ns, memory_order_release);
}

static inline void km_request_slot_routed(km_request_slot *progress, km_str route,
					  uintptr_t handler)
{
	km_request_slot_copy(progress->route, sizeof progress->route, route);
	atomic_store_explicit(&progress->handler, handler, memory_order_relaxed);
}

/* The thread has left the application. */
static inline void km_request_slot_leave(km_request_slot *progress)
{
	atomic_store_explicit(&progress->since_ns, 0, memory_order_release);
}

#endif
