/* Threads that run handlers, so that the loop stays responsive (THREADS): a FIFO. With THREADS=n it
 * has n + 1 threads. The one more serves what comes, a health check say, while n handlers wait for
 * a database; what comes behind that waits for the first of them to end. */
#ifndef KM_SERVER_THREADS_POOL_H
#define KM_SERVER_THREADS_POOL_H

#include <pthread.h>
#include <semaphore.h>

#include <komori/base.h>
#include <stdbool.h>

#include "framework/master/scoreboard.h"

/* The pool's from submit until take_done returns it finished. */
typedef struct km_job {
	struct km_job *next;
	bool refusable; /* the loop can take it back as long as no thread has it */
	bool unwanted;	/* and would like to; the loop's alone */
	bool done;	/* in the pool's list of done jobs */
	bool finished;	/* no thread has it any more */
	/* Runs in a thread, whose `slot` is NULL without a master. Returns true when the loop
	 * is to see the result before `finish` runs, in the same thread. */
	bool (*run)(struct km_job *job, km_thread_slot *slot);
	void (*finish)(struct km_job *job, km_thread_slot *slot);
} km_job;

typedef struct km_done_job {
	km_job *job;
	bool finished;
} km_done_job;

typedef struct km_job_queue {
	km_job *first, **end; /* `end` is where the next one is linked */
} km_job_queue;

typedef struct km_handler_thread {
	struct km_thread_pool *pool;
	pthread_t thread;
	km_job *job;	  /* that it runs; NULL while it waits */
	int64_t since_ns; /* km_clock_coarse_ns */
	uint64_t turn;	  /* in the order in which the threads took their jobs */
	bool given_up;	  /* ends after its job */
} km_handler_thread;

typedef struct km_thread_pool {
	pthread_mutex_t lock; /* of all but `submitted`, `slot`, `done_fd` and `count` */
	sem_t wanted;	      /* a condition of glibc before 2.41 can lose a wake-up (bug 25847) */
	km_job_queue submitted; /* the loop's, until km_thread_pool_start */
	km_job_queue waiting, done;
	int done_fd;   /* an eventfd: readable when the loop is to take what is done */
	bool notified; /* it is, or the loop takes jobs now */
	bool stopping;
	uint32_t idle; /* threads that wait for a job */
	bool woken;    /* one of them is on its way */
	uint32_t lost; /* threads that were given up */
	uint64_t turns;
	km_worker_slot *slot;
	km_handler_thread *threads;
	uint32_t count;
} km_thread_pool;

/* Starts `count` threads. `slot` has room for as many, or is NULL. KM_ENOMEM or KM_EIO, with
 * none left running. */
int km_thread_pool_init(km_thread_pool *pool, uint32_t count, km_worker_slot *slot);
/* Ends them after the jobs that run, and drops those that wait. Accepts a zeroed one. */
void km_thread_pool_finish(km_thread_pool *pool);
/* Queues the job for km_thread_pool_start. */
void km_thread_pool_submit(km_thread_pool *pool, km_job *job);
/* Lets the threads run what was submitted. To be called once for all that a turn of the loop has
 * submitted: to wake a thread takes longer than a short handler. */
void km_thread_pool_start(km_thread_pool *pool);
/* Takes at most so many jobs that are done, in the order of their ends, and returns how many; to be
 * called until it returns 0. A job whose `finish` still runs is not `finished` and comes once more.
 */
size_t km_thread_pool_take_done(km_thread_pool *pool, km_done_job *jobs, size_t most);
/* Returns a job that runs for limit_ns or longer, or NULL. It comes back if it ever ends. Its
 * thread takes no other job, so that its slot still shows this one. */
km_job *km_thread_pool_give_up(km_thread_pool *pool, int64_t limit_ns, uint32_t *thread,
			       int64_t *run_ns);
/* Takes back, of the refusable jobs that wait, the unwanted ones; all of them when every thread is
 * given up. Linked by `next`; NULL for none. */
km_job *km_thread_pool_withdraw(km_thread_pool *pool);

#endif
