#include "handler_threads.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/log.h"
#include "../master/crash.h"

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

/* NULL when the threads are to end. */
static km_job *next_job(km_handler_threads *threads)
{
	km_job *job = NULL;

	pthread_mutex_lock(&threads->lock);
	threads->idle++;
	while (!threads->stopping && !(job = queue_take(&threads->quick)) &&
	       !(job = queue_take(&threads->waiting)))
		pthread_cond_wait(&threads->wanted, &threads->lock);
	threads->idle--;
	pthread_mutex_unlock(&threads->lock);
	return job;
}

static km_job *next_quick_job(km_handler_threads *threads)
{
	km_job *job = NULL;

	pthread_mutex_lock(&threads->lock);
	while (!threads->stopping && !(job = queue_take(&threads->quick)))
		pthread_cond_wait(&threads->quick_wanted, &threads->lock);
	pthread_mutex_unlock(&threads->lock);
	return job;
}

static void give_back(km_handler_threads *threads, km_job *job)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&threads->lock);
	bool wake = !threads->done.first;
	queue_put(&threads->done, job);
	pthread_mutex_unlock(&threads->lock);
	if (wake && write(threads->done_fd, &one, sizeof one) != sizeof one)
		km_log("a handler thread cannot wake the loop");
}

struct start {
	km_handler_threads *threads;
	uint32_t index;
};

static void *run_thread(void *argument)
{
	struct start start = *(struct start *)argument;
	km_handler_threads *threads = start.threads;
	km_progress *progress = threads->slot ? &threads->slot->progress[start.index] : NULL;
	km_job *job;

	free(argument);
	if (threads->slot && km_crash_thread(start.index))
		km_log("a stack overflow of a handler will not be told");
	bool quick_only = start.index + 1 == threads->wanted_count;
	while ((job = quick_only ? next_quick_job(threads) : next_job(threads))) {
		job->run(job, progress);
		give_back(threads, job);
	}
	if (threads->slot)
		km_crash_thread_end();
	return NULL;
}

static int start_thread(km_handler_threads *threads, uint32_t index)
{
	struct start *start = malloc(sizeof *start);

	if (!start)
		return KM_ENOMEM;
	*start = (struct start){threads, index};
	if (pthread_create(&threads->threads[index], NULL, run_thread, start) == 0)
		return 0;
	free(start);
	return KM_EIO;
}

/* Signals of the process are the loop's. */
static int start_all(km_handler_threads *threads, uint32_t count)
{
	sigset_t all, before;
	int failed = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (threads->count < count && !(failed = start_thread(threads, threads->count)))
		threads->count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

int km_handler_threads_init(km_handler_threads *threads, uint32_t count, km_worker_slot *slot)
{
	*threads = (km_handler_threads){.slot = slot, .wanted_count = count + 1};
	pthread_mutex_init(&threads->lock, NULL);
	pthread_cond_init(&threads->wanted, NULL);
	pthread_cond_init(&threads->quick_wanted, NULL);
	queue_init(&threads->waiting);
	queue_init(&threads->quick);
	queue_init(&threads->done);
	threads->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	threads->threads = calloc(count + 1, sizeof *threads->threads);
	int failed = threads->done_fd < 0 || !threads->threads ? KM_ENOMEM
							       : start_all(threads, count + 1);
	if (failed)
		km_handler_threads_finish(threads);
	return failed;
}

void km_handler_threads_finish(km_handler_threads *threads)
{
	if (!threads->threads)
		return;
	pthread_mutex_lock(&threads->lock);
	threads->stopping = true;
	pthread_cond_broadcast(&threads->wanted);
	pthread_cond_broadcast(&threads->quick_wanted);
	pthread_mutex_unlock(&threads->lock);
	for (uint32_t i = 0; i < threads->count; i++)
		pthread_join(threads->threads[i], NULL);
	pthread_cond_destroy(&threads->wanted);
	pthread_cond_destroy(&threads->quick_wanted);
	pthread_mutex_destroy(&threads->lock);
	if (threads->done_fd >= 0)
		close(threads->done_fd);
	free(threads->threads);
	threads->threads = NULL;
}

void km_handler_threads_submit(km_handler_threads *threads, km_job *job)
{
	pthread_mutex_lock(&threads->lock);
	queue_put(job->quick ? &threads->quick : &threads->waiting, job);
	/* The quick thread only helps out. */
	if (job->quick && threads->idle == 0)
		pthread_cond_signal(&threads->quick_wanted);
	else
		pthread_cond_signal(&threads->wanted);
	pthread_mutex_unlock(&threads->lock);
}

km_job *km_handler_threads_take_done(km_handler_threads *threads)
{
	uint64_t count;
	ssize_t got = read(threads->done_fd, &count, sizeof count);

	(void)got;
	pthread_mutex_lock(&threads->lock);
	km_job *done = threads->done.first;
	queue_init(&threads->done);
	pthread_mutex_unlock(&threads->lock);
	return done;
}
