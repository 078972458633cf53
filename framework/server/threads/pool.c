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

/* The queue of the oldest job that may be taken now; an empty one when there is none. */
static km_job_queue *next_queue(km_thread_pool *threads)
{
	km_job_kind last = threads->slow < threads->most_slow ? KM_JOB_SLOW : KM_JOB_NEW;
	km_job_queue *oldest = &threads->waiting[0];

	for (km_job_kind kind = 1; kind <= last; kind++) {
		km_job_queue *queue = &threads->waiting[kind];
		if (queue->first &&
		    (!oldest->first || queue->first->number < oldest->first->number))
			oldest = queue;
	}
	return oldest;
}

/* What closes a job goes before other jobs, so the thread that ran it waits for the loop, which is
 * soon there: behind those its end would be told too late, or never. */
static km_job *next_job(km_thread_pool *threads, const km_pool_thread *self)
{
	if (threads->urgent.first)
		return queue_take(&threads->urgent);
	return threads->settled < self->follows ? NULL : queue_take(next_queue(threads));
}

static bool has_job(km_thread_pool *threads)
{
	return threads->urgent.first || next_queue(threads)->first;
}

/* One that was told and has not looked yet takes one job only. */
static void wake_one(km_thread_pool *threads)
{
	if (threads->idle > threads->woken) {
		threads->woken++;
		sem_post(&threads->wanted);
	}
}

/* With the lock, which it gives away meanwhile. */
static void wait_until_woken(km_thread_pool *threads)
{
	pthread_mutex_unlock(&threads->lock);
	while (sem_wait(&threads->wanted) && errno == EINTR)
		;
	pthread_mutex_lock(&threads->lock);
	threads->woken--;
}

/* False when the thread is to end. */
static bool take_job(km_thread_pool *threads, km_pool_thread *self)
{
	km_job *job = NULL;

	pthread_mutex_lock(&threads->lock);
	threads->idle++;
	while (!threads->stopping && !self->given_up && !(job = next_job(threads, self)))
		wait_until_woken(threads);
	threads->idle--;
	self->job = job;
	if (job) {
		self->since_ns = km_clock_coarse_ns();
		threads->slow += job->kind != KM_JOB_QUICK;
	}
	/* A slow one, perhaps, that had to wait until now. */
	if (has_job(threads))
		wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
	return job != NULL;
}

static void give_back(km_thread_pool *threads, km_pool_thread *self)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&threads->lock);
	bool wake = !threads->done.first;
	bool slow = self->job->kind != KM_JOB_QUICK;
	threads->slow -= slow;
	threads->lost_slow -= self->given_up && slow;
	if (self->job->followed)
		self->follows = ++threads->followed;
	queue_put(&threads->done, self->job);
	self->job = NULL;
	pthread_mutex_unlock(&threads->lock);
	if (wake && write(threads->done_fd, &one, sizeof one) != sizeof one)
		km_log("a handler thread cannot wake the loop");
}

struct start {
	km_thread_pool *threads;
	uint32_t index;
};

static void *run_thread(void *argument)
{
	struct start start = *(struct start *)argument;
	km_thread_pool *threads = start.threads;
	km_pool_thread *self = &threads->threads[start.index];
	km_thread_slot *progress = threads->slot ? &threads->slot->progress[start.index] : NULL;

	free(argument);
	if (threads->slot && km_crash_thread(start.index))
		km_log("a stack overflow of a handler will not be told");
	while (take_job(threads, self)) {
		self->job->run(self->job, progress);
		give_back(threads, self);
	}
	if (threads->slot)
		km_crash_thread_end();
	return NULL;
}

static int start_thread(km_thread_pool *threads, uint32_t index)
{
	struct start *start = malloc(sizeof *start);

	if (!start)
		return KM_ENOMEM;
	*start = (struct start){threads, index};
	if (pthread_create(&threads->threads[index].thread, NULL, run_thread, start) == 0)
		return 0;
	free(start);
	return KM_EIO;
}

/* Signals are not blocked: the processor's own (SIGSEGV) would kill without a word, programs that
 * handlers start would be deaf, and those to the process go to its first thread, the loop's. */
static int start_all(km_thread_pool *threads, uint32_t count)
{
	int failed = 0;

	while (threads->count < count && !(failed = start_thread(threads, threads->count)))
		threads->count++;
	return failed;
}

int km_thread_pool_init(km_thread_pool *threads, uint32_t count, km_worker_slot *slot)
{
	*threads = (km_thread_pool){.slot = slot, .most_slow = count > 1 ? count - 1 : 1};
	pthread_mutex_init(&threads->lock, NULL);
	sem_init(&threads->wanted, 0, 0);
	for (int kind = 0; kind < KM_JOB_KINDS; kind++)
		queue_init(&threads->waiting[kind]);
	queue_init(&threads->done);
	queue_init(&threads->urgent);
	threads->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	threads->threads = calloc(count, sizeof *threads->threads);
	int failed =
		threads->done_fd < 0 || !threads->threads ? KM_ENOMEM : start_all(threads, count);
	if (failed)
		km_thread_pool_finish(threads);
	return failed;
}

void km_thread_pool_finish(km_thread_pool *threads)
{
	if (!threads->threads)
		return;
	pthread_mutex_lock(&threads->lock);
	threads->stopping = true;
	while (threads->idle > threads->woken)
		wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
	for (uint32_t i = 0; i < threads->count; i++)
		pthread_join(threads->threads[i].thread, NULL);
	sem_destroy(&threads->wanted);
	pthread_mutex_destroy(&threads->lock);
	if (threads->done_fd >= 0)
		close(threads->done_fd);
	free(threads->threads);
	threads->threads = NULL;
}

void km_thread_pool_submit(km_thread_pool *threads, km_job *job)
{
	pthread_mutex_lock(&threads->lock);
	job->number = ++threads->numbers;
	job->followed = false;
	queue_put(job->urgent ? &threads->urgent : &threads->waiting[job->kind], job);
	wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
}

km_job *km_thread_pool_take_done(km_thread_pool *threads, uint64_t *followed)
{
	uint64_t count;
	ssize_t got = read(threads->done_fd, &count, sizeof count);

	(void)got;
	pthread_mutex_lock(&threads->lock);
	km_job *done = threads->done.first;
	queue_init(&threads->done);
	pthread_mutex_unlock(&threads->lock);
	for (const km_job *job = done; job; job = job->next)
		*followed += job->followed;
	return done;
}

void km_thread_pool_settle(km_thread_pool *threads, uint64_t followed)
{
	if (!followed)
		return;
	pthread_mutex_lock(&threads->lock);
	threads->settled += followed;
	for (uint64_t i = 0; i < followed && has_job(threads); i++)
		wake_one(threads);
	pthread_mutex_unlock(&threads->lock);
}

/* The clock is coarse: of two that began at one tick the job that came first. */
static bool began_before(const km_pool_thread *thread, const km_pool_thread *other)
{
	return thread->since_ns < other->since_ns ||
	       (thread->since_ns == other->since_ns && thread->job->number < other->job->number);
}

/* The one that runs a job for the longest time and is not given up; NULL for none. */
static km_pool_thread *longest_running(km_thread_pool *threads)
{
	km_pool_thread *longest = NULL;

	for (uint32_t i = 0; i < threads->count; i++) {
		km_pool_thread *thread = &threads->threads[i];
		if (thread->job && !thread->given_up && (!longest || began_before(thread, longest)))
			longest = thread;
	}
	return longest;
}

int64_t km_thread_pool_longest_run(km_thread_pool *threads)
{
	pthread_mutex_lock(&threads->lock);
	const km_pool_thread *longest = longest_running(threads);
	int64_t run = longest ? km_clock_coarse_ns() - longest->since_ns : 0;
	pthread_mutex_unlock(&threads->lock);
	return run;
}

km_job *km_thread_pool_give_up(km_thread_pool *threads, int64_t limit_ns, uint32_t *thread,
			       int64_t *run_ns)
{
	km_job *job = NULL;

	pthread_mutex_lock(&threads->lock);
	km_pool_thread *longest = longest_running(threads);
	if (longest && (*run_ns = km_clock_coarse_ns() - longest->since_ns) >= limit_ns) {
		longest->given_up = true;
		threads->lost++;
		threads->lost_slow += longest->job->kind != KM_JOB_QUICK;
		*thread = (uint32_t)(longest - threads->threads);
		job = longest->job;
	}
	pthread_mutex_unlock(&threads->lock);
	return job;
}

/* Unless a handler that was given up comes back. */
static bool waits_in_vain(const km_thread_pool *threads, km_job_kind kind)
{
	return threads->lost == threads->count ||
	       (kind == KM_JOB_SLOW && threads->lost_slow >= threads->most_slow);
}

/* Moves what is to go from one queue to the other. */
static void withdraw_from(km_job_queue *queue, bool all, km_job_queue *withdrawn)
{
	km_job_queue waiting = *queue;
	km_job *job;

	if (!waiting.first)
		return;
	queue_init(queue);
	while ((job = queue_take(&waiting)))
		queue_put(job->refusable && (all || job->unwanted) ? withdrawn : queue, job);
}

km_job *km_thread_pool_withdraw(km_thread_pool *threads)
{
	km_job_queue withdrawn;

	queue_init(&withdrawn);
	pthread_mutex_lock(&threads->lock);
	for (km_job_kind kind = 0; kind < KM_JOB_KINDS; kind++)
		withdraw_from(&threads->waiting[kind], waits_in_vain(threads, kind), &withdrawn);
	pthread_mutex_unlock(&threads->lock);
	return withdrawn.first;
}
