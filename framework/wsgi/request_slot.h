/* Requests under way, in memory that is made before the fork: the supervisor and the viewer read
 * there what a worker serves, also when that worker is gone. A reader in another process may find a
 * text half written, but always terminated. */
#ifndef KM_WSGI_REQUEST_SLOT_H
#define KM_WSGI_REQUEST_SLOT_H

#include <komori/base.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum { KM_REQUEST_SLOT_METHOD = 32, KM_REQUEST_SLOT_TARGET = 2048, KM_REQUEST_SLOT_ROUTE = 512 };

/* One request. The server writes method and target when the request begins, dispatch writes route
 * and handler. Texts that are too long are cut. */
typedef struct km_request_slot {
	_Atomic(pid_t) owner;	     /* process that serves the request, 0: free. In a table only */
	_Atomic(int64_t) started_ns; /* CLOCK_MONOTONIC */
	_Atomic(uintptr_t) handler;  /* 0 until dispatch has found one */
	char method[KM_REQUEST_SLOT_METHOD], target[KM_REQUEST_SLOT_TARGET],
		route[KM_REQUEST_SLOT_ROUTE];
	/* The profiler's. */
	atomic_bool recorded; /* the slot's recording belongs to this request */
	double started;	      /* seconds since the epoch */
	int status;	      /* of HTTP; 0 until start_response */
	char outcome[16];     /* "" until the request ended */
} km_request_slot;

/* What one thread serves. Only that thread writes it. */
typedef struct km_thread_slot {
	/* CLOCK_MONOTONIC when the thread went into the application; 0 while it is elsewhere. */
	_Atomic(int64_t) since_ns;
	_Atomic(uint64_t) number; /* of the last request, in this process */
	atomic_bool logged;	  /* the access log has that request already */
	/* In a table; NULL: `own`, as the supervisor reads a copy of this struct, too. */
	_Atomic(km_request_slot *) request;
	km_request_slot own;
} km_thread_slot;

/* Slots that last as long as their requests: a stream keeps its own while the thread serves others.
 * One table serves all processes that are forked after it was made. */
typedef struct km_request_slots {
	size_t count;
	km_request_slot *all; /* mapped */
	atomic_size_t next;   /* where this process looks first */
} km_request_slots;

/* KM_ENOMEM. A table without slots is valid. */
int km_request_slots_init(km_request_slots *slots, size_t count);
/* Accepts a zeroed table. */
void km_request_slots_finish(km_request_slots *slots);
/* Takes a free slot for the calling process, NULL when there is none. Thread-safe, and safe between
 * processes. */
km_request_slot *km_request_slots_take(km_request_slots *slots);
/* Frees a slot; has no effect in a child of the process that took it. Accepts NULL. */
void km_request_slots_give(km_request_slots *slots, km_request_slot *slot);
/* Whether this process took the slot: false in a child that a handler forked. */
bool km_request_slot_is_own(const km_request_slot *slot);
/* Frees the slot of a process that died. */
void km_request_slot_reclaim(km_request_slot *slot);
/* Returns the slot's index, or `count` for a slot that is not in the table. */
size_t km_request_slots_index(const km_request_slots *slots, const km_request_slot *slot);

static inline void km_request_slot_copy(char *to, size_t size, km_str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	if (len)
		memcpy(to, text.ptr, len);
	to[len] = '\0';
}

static inline void km_request_slot_begin(km_request_slot *slot, int64_t now_ns, km_str method,
					 km_str target)
{
	atomic_store_explicit(&slot->started_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&slot->handler, 0, memory_order_relaxed);
	slot->route[0] = '\0';
	km_request_slot_copy(slot->method, sizeof slot->method, method);
	km_request_slot_copy(slot->target, sizeof slot->target, target);
}

static inline void km_request_slot_set_route(km_request_slot *slot, km_str route)
{
	km_request_slot_copy(slot->route, sizeof slot->route, route);
}

/* Returns the slot of the request that the thread serves, or served last. */
static inline const km_request_slot *km_thread_slot_request(const km_thread_slot *thread)
{
	const km_request_slot *request = thread->request;

	return request ? request : &thread->own;
}

/* The thread goes into the application for a request; `slot` is NULL when it is `own`. */
static inline void km_thread_slot_enter(km_thread_slot *thread, km_request_slot *slot,
					uint64_t number, int64_t now_ns)
{
	atomic_store_explicit(&thread->request, slot, memory_order_relaxed);
	/* No exchange: no other thread writes here, and a locked one is dear. */
	if (atomic_load_explicit(&thread->number, memory_order_relaxed) != number) {
		atomic_store_explicit(&thread->number, number, memory_order_relaxed);
		atomic_store_explicit(&thread->logged, false, memory_order_relaxed);
	}
	atomic_store_explicit(&thread->since_ns, now_ns, memory_order_release);
}

static inline void km_thread_slot_leave(km_thread_slot *thread)
{
	atomic_store_explicit(&thread->since_ns, 0, memory_order_release);
}

#endif
