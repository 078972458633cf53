#include "profiler/middleware/profile_pool.h"

void km_profile_pool_init(km_profile_pool *pool, size_t memory)
{
	pthread_mutex_init(&pool->lock, NULL);
	pool->count = 0;
	pool->options = (km_profile_options){.memory = memory};
}

void km_profile_pool_finish(km_profile_pool *pool)
{
	while (pool->count > 0)
		km_profile_free(pool->spare[--pool->count]);
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
