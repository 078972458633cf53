/* Threads that run handlers, so that the loop stays responsive (THREADS). Jobs are taken in the order
 * they came; what is done comes back to the loop. One more thread takes quick jobs alone, so that a
 * health check is answered while all others wait for a database. */
#ifndef KM_SERVER_HANDLER_THREADS_H
#define KM_SERVER_HANDLER_THREADS_H

#include <pthread.h>

#include <komori/base.h>
#include <stdbool.h>

#include "../master/scoreboard.h"

typedef struct km_job {
	struct km_job *next;
	bool quick; /* is not expected to take long */
	/* In a thread. `progress` is the thread's; NULL without a master. */
	void (*run)(struct km_job *job, km_progress *progress);
} km_job;

typedef struct km_job_queue {
	km_job *first, **end; /* `end` is where the next one is linked */
} km_job_queue;

typedef struct km_handler_threads {
	pthread_mutex_t lock; /* of the queues and `stopping` */
	pthread_cond_t wanted, quick_wanted;
	km_job_queue waiting, quick, done;
	int done_fd; /* readable when `done` is not empty */
	bool stopping;
	km_worker_slot *slot;
	uint32_t idle; /* threads that take any job */
	pthread_t *threads;
	uint32_t count; /* the one for quick jobs is the last */
	uint32_t wanted_count;
} km_handler_threads;

/* Starts `count` threads and the one for quick jobs. `slot` has progress for all of them, or is NULL. KM_ENOMEM or KM_EIO, with none left running. */
int km_handler_threads_init(km_handler_threads *threads, uint32_t count, km_worker_slot *slot);
/* Ends them after the jobs that run, dropping those that wait. Accepts a zeroed one. */
void km_handler_threads_finish(km_handler_threads *threads);
/* The job is the threads' until it comes back. */
void km_handler_threads_submit(km_handler_threads *threads, km_job *job);
/* All that are done, linked by `next` in the order of their end; NULL for none. */
km_job *km_handler_threads_take_done(km_handler_threads *threads);

#endif
