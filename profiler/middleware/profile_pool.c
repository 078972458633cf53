#include "profiler/middleware/profile_pool.h"

#include <stdlib.h>

int km_profile_pool_init(km_profile_pool *pool, size_t memory, size_t shared)
{
	const km_profile_options options = {.memory = memory, .shared = true};

	*pool = (km_profile_pool){.options = {.memory = memory}};
	pthread_mutex_init(&pool->lock, NULL);
	if (shared && !(pool->shared = calloc(shared, sizeof *pool->shared)))
		return KM_ENOMEM;
	while (pool->shared_count < shared) {
		km_profile *profile = km_profile_new(&options);
		if (!profile)
			return KM_ENOMEM;
		pool->shared[pool->shared_count++] = profile;
	}
	return 0;
}

void km_profile_pool_finish(km_profile_pool *pool)
{
	while (pool->count > 0)
		km_profile_free(pool->spare[--pool->count]);
	while (pool->shared_count > 0)
		km_profile_free(pool->shared[--pool->shared_count]);
	free(pool->shared);
	pthread_mutex_destroy(&pool->lock);
}

km_profile *km_profile_pool_take(km_profile_pool *pool)
{
	km_profile *profile = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->count > 0)
		profile = pool->spare[--pool->count];
	pthread_mutex_unlock(&pool->lock);
	return profile ? profile : km_profile_new(&pool->options);
}

void km_profile_pool_give(km_profile_pool *pool, km_profile *profile)
{
	km_profile_reset(profile);
	pthread_mutex_lock(&pool->lock);
	if (pool->count < KM_PROFILE_POOL_SIZE) {
		pool->spare[pool->count++] = profile;
		profile = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	km_profile_free(profile);
}
