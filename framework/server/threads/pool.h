/* Threads that run handlers, so that the loop stays responsive (THREADS). Jobs are taken in the
 * order they came; what is done comes back to the loop. There is one thread more than may be busy
 * with slow jobs, so that a health check is answered while all others wait for a database. */
#ifndef KM_SERVER_THREADS_POOL_H
#define KM_SERVER_THREADS_POOL_H

#include <pthread.h>
#include <semaphore.h>

#include <komori/base.h>
#include <stdbool.h>

#include "framework/master/scoreboard.h"

typedef enum km_job_kind {
	KM_JOB_QUICK, /* is not expected to take long: any thread takes it */
	KM_JOB_NEW,   /* who knows: as well, but while it runs it counts as slow */
	KM_JOB_SLOW,
	KM_JOB_KINDS,
} km_job_kind;

typedef struct km_job {
	struct km_job *next;
	uint64_t number; /* in the order they came */
	km_job_kind kind;
	bool refusable; /* the loop can do without it as long as no thread has it */
	bool unwanted;	/* and would like to; the loop's alone */
	bool urgent;	/* goes before all that wait */
	bool followed;	/* set by `run`: the loop will have something urgent to do about it */
	/* In a thread. `progress` is the thread's; NULL without a master. */
	void (*run)(struct km_job *job, km_thread_slot *progress);
} km_job;

typedef struct km_job_queue {
	km_job *first, **end; /* `end` is where the next one is linked */
} km_job_queue;

typedef struct km_pool_thread {
	pthread_t thread;
	km_job *job;	  /* that it runs; NULL while it waits */
	int64_t since_ns; /* as km_clock_coarse_ns */
	bool given_up;	  /* ends after its job */
	uint64_t follows; /* takes none but urgent jobs until so many followed ones are settled */
} km_pool_thread;

typedef struct km_thread_pool {
	pthread_mutex_t lock; /* of all but `slot`, `done_fd` and the counts of threads */
	sem_t wanted;	      /* a condition of glibc before 2.41 can lose a wake-up (bug 25847) */
	km_job_queue urgent, waiting[KM_JOB_KINDS], done;
	uint64_t numbers;
	uint64_t followed, settled; /* jobs that were done and followed; of these, by the loop */
	int done_fd;		    /* readable when `done` is not empty */
	bool stopping;
	uint32_t idle, woken; /* threads that wait for a job, and of these that were told of one */
	uint32_t slow;	      /* threads that run what is not quick */
	uint32_t lost, lost_slow; /* threads that were given up, and of these that count as slow */
	km_worker_slot *slot;
	km_pool_thread *threads;
	uint32_t count, most_slow;
} km_thread_pool;

/* Starts `count` threads: one alone runs all jobs, one at a time and in their order; of several all
 * but one may be busy with slow jobs. `slot` has progress for as many, or is NULL. KM_ENOMEM or
 * KM_EIO, with none left running. */
int km_thread_pool_init(km_thread_pool *threads, uint32_t count, km_worker_slot *slot);
/* Ends them after the jobs that run, dropping those that wait. Accepts a zeroed one. */
void km_thread_pool_finish(km_thread_pool *threads);
/* The job is the threads' until it comes back. */
void km_thread_pool_submit(km_thread_pool *threads, km_job *job);
/* All that are done, linked by `next` in the order of their end; NULL for none. Adds to `followed`
 * how many of them are. */
km_job *km_thread_pool_take_done(km_thread_pool *threads, uint64_t *followed);
/* What was to follow so many of them is submitted, or cannot be yet. */
void km_thread_pool_settle(km_thread_pool *threads, uint64_t followed);
/* The longest time that a job, not given up, is running. */
int64_t km_thread_pool_longest_run(km_thread_pool *threads);
/* Returns a job that runs for limit_ns or longer, or NULL. It comes back if it ever ends. Its
 * thread takes no other one, so that its progress still tells of this job, and it is not returned
 * again. */
km_job *km_thread_pool_give_up(km_thread_pool *threads, int64_t limit_ns, uint32_t *thread,
			       int64_t *run_ns);
/* Takes back, of the refusable jobs that wait, those that are unwanted and those for which no
 * thread is left. Linked by `next`; NULL for none. */
km_job *km_thread_pool_withdraw(km_thread_pool *threads);

#endif
