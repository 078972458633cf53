#include "framework/server/threads/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/crash.h"

static void queue_init(km_job_queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

static void queue_put(km_job_queue *queue, km_job *job)
{
	job->next = NULL;
	*queue->end = job;
	queue->end = &job->next;
}

static km_job *queue_take(km_job_queue *queue)
{
	km_job *job = queue->first;

	if (job && !(queue->first = job->next))
		queue->end = &queue->first;
	return job;
}

/* Returns whether the caller must post `wanted` after it unlocks. A thread that was woken wakes the
 * next one when jobs are left. */
static bool must_wake(km_thread_pool *pool)
{
	bool wakes = (pool->waiting.first || pool->stopping) && pool->idle > 0 && !pool->woken;

	pool->woken |= wakes;
	return wakes;
}

static void begin(km_thread_pool *pool, km_handler_thread *self)
{
	self->since_ns = km_clock_coarse_ns();
	self->turn = ++pool->turns;
}

/* Called with the lock, which it gives away while it waits. False when the thread is to end. */
static bool take_job(km_thread_pool *pool, km_handler_thread *self)
{
	while (!pool->stopping && !self->given_up && !(self->job = queue_take(&pool->waiting))) {
		pool->idle++;
		pthread_mutex_unlock(&pool->lock);
		while (sem_wait(&pool->wanted) && errno == EINTR)
			;
		pthread_mutex_lock(&pool->lock);
		pool->idle--;
		pool->woken = false;
	}
	if (self->job)
		begin(pool, self);
	return self->job != NULL;
}

/* Gives the job to the loop: for good, or to see the result while `finish` runs. Called with the
 * lock, which it gives away while it notifies the loop. */
static void give_back(km_thread_pool *pool, km_handler_thread *self, bool finished)
{
	const uint64_t one = 1;
	km_job *job = self->job;
	bool notifies = !pool->notified;

	pool->notified = true;
	job->finished = finished;
	if (!job->done)
		queue_put(&pool->done, job);
	job->done = true;
	if (finished)
		self->job = NULL;
	else
		begin(pool, self);
	if (!notifies)
		return;
	pthread_mutex_unlock(&pool->lock);
	if (write(pool->done_fd, &one, sizeof one) != sizeof one)
		km_log("a handler thread cannot wake the loop");
	pthread_mutex_lock(&pool->lock);
}

/* Called without the lock, returns with it. */
static void run_job(km_thread_pool *pool, km_handler_thread *self, km_thread_slot *slot)
{
	km_job *job = self->job;
	bool finishes = job->run(job, slot);

	pthread_mutex_lock(&pool->lock);
	if (finishes) {
		give_back(pool, self, false);
		pthread_mutex_unlock(&pool->lock);
		job->finish(job, slot);
		pthread_mutex_lock(&pool->lock);
	}
	give_back(pool, self, true);
}

static void unlock_and_wake(km_thread_pool *pool)
{
	bool wakes = must_wake(pool);

	pthread_mutex_unlock(&pool->lock);
	if (wakes)
		sem_post(&pool->wanted);
}

static void *run_thread(void *argument)
{
	km_handler_thread *self = argument;
	km_thread_pool *pool = self->pool;
	uint32_t index = (uint32_t)(self - pool->threads);
	km_thread_slot *slot = pool->slot ? &pool->slot->thread_slots[index] : NULL;

	if (pool->slot && km_crash_thread(index))
		km_log("a stack overflow of a handler will not be reported: out of memory");
	pthread_mutex_lock(&pool->lock);
	while (take_job(pool, self)) {
		unlock_and_wake(pool);
		run_job(pool, self, slot);
	}
	unlock_and_wake(pool);
	if (pool->slot)
		km_crash_thread_end();
	return NULL;
}

/* The threads block no signals. The processor's own (SIGSEGV) would kill without a report, and
 * programs that handlers start would inherit the mask. Signals to the process go to its first
 * thread, the loop's. */
static int start_all(km_thread_pool *pool, uint32_t count)
{
	for (; pool->count < count; pool->count++) {
		km_handler_thread *thread = &pool->threads[pool->count];
		thread->pool = pool;
		if (pthread_create(&thread->thread, NULL, run_thread, thread))
			return KM_EIO;
	}
	return 0;
}

int km_thread_pool_init(km_thread_pool *pool, uint32_t count, km_worker_slot *slot)
{
	*pool = (km_thread_pool){.slot = slot};
	pthread_mutex_init(&pool->lock, NULL);
	sem_init(&pool->wanted, 0, 0);
	queue_init(&pool->submitted);
	queue_init(&pool->waiting);
	queue_init(&pool->done);
	pool->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pool->threads = calloc(count, sizeof *pool->threads);
	int failed = pool->done_fd < 0 || !pool->threads ? KM_ENOMEM : start_all(pool, count);
	if (failed)
		km_thread_pool_finish(pool);
	return failed;
}

void km_thread_pool_finish(km_thread_pool *pool)
{
	if (!pool->waiting.end) /* zeroed */
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	unlock_and_wake(pool);
	for (uint32_t i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i].thread, NULL);
	sem_destroy(&pool->wanted);
	pthread_mutex_destroy(&pool->lock);
	if (pool->done_fd >= 0)
		close(pool->done_fd);
	free(pool->threads);
	*pool = (km_thread_pool){0};
}

void km_thread_pool_submit(km_thread_pool *pool, km_job *job)
{
	queue_put(&pool->submitted, job);
}

void km_thread_pool_start(km_thread_pool *pool)
{
	if (!pool->submitted.first)
		return;
	pthread_mutex_lock(&pool->lock);
	*pool->waiting.end = pool->submitted.first;
	pool->waiting.end = pool->submitted.end;
	unlock_and_wake(pool);
	queue_init(&pool->submitted);
}

size_t km_thread_pool_take_done(km_thread_pool *pool, km_done_job *jobs, size_t most)
{
	size_t count = 0;
	km_job *job;

	pthread_mutex_lock(&pool->lock);
	while (count < most && (job = queue_take(&pool->done))) {
		job->done = false;
		jobs[count++] = (km_done_job){job, job->finished};
	}
	pool->notified = count > 0;
	pthread_mutex_unlock(&pool->lock);
	return count;
}

/* The thread that runs a job for the longest time and is not given up; NULL for none. */
static km_handler_thread *longest_running(km_thread_pool *pool)
{
	km_handler_thread *longest = NULL;

	for (uint32_t i = 0; i < pool->count; i++) {
		km_handler_thread *thread = &pool->threads[i];
		if (thread->job && !thread->given_up && (!longest || thread->turn < longest->turn))
			longest = thread;
	}
	return longest;
}

km_job *km_thread_pool_give_up(km_thread_pool *pool, int64_t limit_ns, uint32_t *thread,
			       int64_t *run_ns)
{
	km_job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	km_handler_thread *longest = longest_running(pool);
	if (longest && (*run_ns = km_clock_coarse_ns() - longest->since_ns) >= limit_ns) {
		longest->given_up = true;
		pool->lost++;
		*thread = (uint32_t)(longest - pool->threads);
		job = longest->job;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

km_job *km_thread_pool_withdraw(km_thread_pool *pool)
{
	km_job_queue waiting, withdrawn;
	km_job *job;

	queue_init(&withdrawn);
	queue_init(&waiting);
	pthread_mutex_lock(&pool->lock);
	bool all = pool->lost == pool->count;
	while ((job = queue_take(&pool->waiting)))
		queue_put(job->refusable && (all || job->unwanted) ? &withdrawn : &waiting, job);
	while ((job = queue_take(&waiting)))
		queue_put(&pool->waiting, job);
	pthread_mutex_unlock(&pool->lock);
	return withdrawn.first;
}
