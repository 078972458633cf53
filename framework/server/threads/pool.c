#include "framework/server/threads/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

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

/* Wakes a thread, unless one is on its way: it wakes the next one when there is more than it takes.
 */
static void wake_one(km_thread_pool *pool)
{
	if (pool->idle > 0 && pool->woken == 0) {
		pool->woken++;
		sem_post(&pool->wanted);
	}
}

/* Called with the lock, and gives it away meanwhile. */
static void wait_until_woken(km_thread_pool *pool)
{
	pool->idle++;
	pthread_mutex_unlock(&pool->lock);
	while (sem_wait(&pool->wanted) && errno == EINTR)
		;
	pthread_mutex_lock(&pool->lock);
	pool->idle--;
	pool->woken--;
}

static void begin(km_thread_pool *pool, km_handler_thread *self)
{
	self->since_ns = km_clock_coarse_ns();
	self->turn = ++pool->turns;
}

/* False when the thread is to end. */
static bool take_job(km_thread_pool *pool, km_handler_thread *self)
{
	pthread_mutex_lock(&pool->lock);
	while (!pool->stopping && !self->given_up && !(self->job = queue_take(&pool->waiting)))
		wait_until_woken(pool);
	bool goes_on = self->job != NULL;
	if (goes_on)
		begin(pool, self);
	if (pool->waiting.first || pool->stopping)
		wake_one(pool);
	pthread_mutex_unlock(&pool->lock);
	return goes_on;
}

/* Gives the job to the loop: for good, or to see the result while `finish` runs. */
static void give_back(km_thread_pool *pool, km_handler_thread *self, bool finished)
{
	const uint64_t one = 1;
	km_job *job = self->job;

	pthread_mutex_lock(&pool->lock);
	bool wake = !pool->notified;
	pool->notified = true;
	job->finished = finished;
	if (!job->done)
		queue_put(&pool->done, job);
	job->done = true;
	if (finished)
		self->job = NULL;
	else
		begin(pool, self);
	pthread_mutex_unlock(&pool->lock);
	if (wake && write(pool->done_fd, &one, sizeof one) != sizeof one)
		km_log("a handler thread cannot wake the loop");
}

struct start {
	km_thread_pool *pool;
	uint32_t index;
};

static void *run_thread(void *argument)
{
	struct start start = *(struct start *)argument;
	km_thread_pool *pool = start.pool;
	km_handler_thread *self = &pool->threads[start.index];
	km_request_slot *progress = pool->slot ? &pool->slot->progress[start.index] : NULL;

	free(argument);
	if (pool->slot && km_crash_thread(start.index))
		km_log("a stack overflow of a handler will not be reported: out of memory");
	while (take_job(pool, self)) {
		km_job *job = self->job;
		if (job->run(job, progress)) {
			give_back(pool, self, false);
			job->finish(job, progress);
		}
		give_back(pool, self, true);
	}
	if (pool->slot)
		km_crash_thread_end();
	return NULL;
}

static int start_thread(km_thread_pool *pool, uint32_t index)
{
	struct start *start = malloc(sizeof *start);

	if (!start)
		return KM_ENOMEM;
	*start = (struct start){pool, index};
	if (pthread_create(&pool->threads[index].thread, NULL, run_thread, start) == 0)
		return 0;
	free(start);
	return KM_EIO;
}

/* The threads block no signals. The processor's own (SIGSEGV) would kill without a report, and
 * programs that handlers start would inherit the mask. Signals to the process go to its first
 * thread, the loop's. */
static int start_all(km_thread_pool *pool, uint32_t count)
{
	int failed = 0;

	while (pool->count < count && !(failed = start_thread(pool, pool->count)))
		pool->count++;
	return failed;
}

int km_thread_pool_init(km_thread_pool *pool, uint32_t count, km_worker_slot *slot)
{
	*pool = (km_thread_pool){.slot = slot};
	pthread_mutex_init(&pool->lock, NULL);
	sem_init(&pool->wanted, 0, 0);
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
	if (!pool->threads)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	wake_one(pool);
	pthread_mutex_unlock(&pool->lock);
	for (uint32_t i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i].thread, NULL);
	sem_destroy(&pool->wanted);
	pthread_mutex_destroy(&pool->lock);
	if (pool->done_fd >= 0)
		close(pool->done_fd);
	free(pool->threads);
	pool->threads = NULL;
}

void km_thread_pool_submit(km_thread_pool *pool, km_job *job)
{
	pthread_mutex_lock(&pool->lock);
	queue_put(&pool->waiting, job);
	wake_one(pool);
	pthread_mutex_unlock(&pool->lock);
}

km_job *km_thread_pool_take_done(km_thread_pool *pool, bool *finished)
{
	pthread_mutex_lock(&pool->lock);
	km_job *job = queue_take(&pool->done);
	if (job) {
		job->done = false;
		*finished = job->finished;
	}
	pool->notified = job != NULL;
	pthread_mutex_unlock(&pool->lock);
	return job;
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
