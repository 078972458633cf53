/* Recordings ready for use. A request takes one and gives it back at its end. */
#ifndef KM_MIDDLEWARE_PROFILE_POOL_H
#define KM_MIDDLEWARE_PROFILE_POOL_H

#include <komori/profiler.h>
#include <pthread.h>

enum { KM_PROFILE_POOL_SIZE = 16 }; /* spare ones; more requests make more recordings */

typedef struct km_profile_pool {
	km_profile_options options;
	km_profile *
		*shared; /* read by other processes; one for each request slot, with its index */
	size_t shared_count;
	pthread_mutex_t lock; /* of those that stand below */
	km_profile *spare[KM_PROFILE_POOL_SIZE];
	size_t count;
} km_profile_pool;

/* KM_ENOMEM; the pool is finished in any case. */
int km_profile_pool_init(km_profile_pool *pool, size_t memory, size_t shared);
/* Profiles that were taken and are not back belong to their takers. */
void km_profile_pool_finish(km_profile_pool *pool);
/* Returns an empty profile; NULL when memory ran out. Thread-safe, as is give. */
km_profile *km_profile_pool_take(km_profile_pool *pool);
/* Empties the profile, which is stopped, and keeps or frees it. */
void km_profile_pool_give(km_profile_pool *pool, km_profile *profile);

#endif
