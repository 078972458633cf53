#include "framework/master/worker_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/debugger.h"
#include "framework/base/log.h"
#include "framework/master/child.h"
#include "framework/master/crash.h"

#define MILLISECOND (KM_SECOND_NS / 1000)

enum {
	SLOTS_PER_WORKER = 4, /* one at work, others that stop */
	MAX_DOUBLINGS = 8,    /* of FIRST_DELAY */
};
#define SHORT_CALL    (10 * MILLISECOND)
#define SHORT_LIFE    KM_SECOND_NS
#define FIRST_DELAY   (100 * MILLISECOND)
#define LONGEST_LOOK  KM_SECOND_NS
#define SHORTEST_LOOK (20 * MILLISECOND)
#define COARSE	      (5 * MILLISECOND) /* how late km_clock_coarse_ns may be */
#define LOOP_MARGIN   (2 * KM_SECOND_NS)

struct km_worker {
	pid_t pid; /* 0: there is none in this slot */
	int64_t started_ns;
	int64_t kill_ns; /* when it is killed; 0: not yet known */
	int64_t timeout_ns;
	bool leaving;		   /* it was stopped, or stops by itself */
	bool stop_due, reopen_due; /* signals that wait until no handler runs */
	bool settled;		   /* has been ready to serve for a while */
	bool crash_seen;	   /* its report was started */
	bool debugged;		   /* the log has that it has no time limit for now */
};

/* --- the end of a worker --- */

/* Delays the next start, twice as long each time, when a worker ended before it served a request.
 * Returns whether it did, which the log has then. */
static bool back_off(km_worker_pool *pool, const km_worker *worker, const km_worker_exit *end)
{
	unsigned doublings = pool->short_lives < MAX_DOUBLINGS ? pool->short_lives : MAX_DOUBLINGS;
	int64_t delay = FIRST_DELAY << doublings;
	char what[64];

	if (worker->settled || end->slot->served > 0) {
		pool->short_lives = 0;
		return false;
	}
	pool->short_lives++;
	pool->next_start_ns = km_clock_monotonic_ns() + delay;
	km_log("worker %ld %s before it served a request, number %u in a row; the next one starts "
	       "in %.1f s",
	       (long)worker->pid, km_worker_exit_describe(end, what, sizeof what),
	       pool->short_lives, (double)delay / 1e9);
	return true;
}

static void bury(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot, int status)
{
	km_worker_exit end = {
		.pid = worker->pid,
		.status = status,
		.timeout_ns = worker->timeout_ns ? worker->timeout_ns : slot->timed_out_ns,
		.at_ns = slot->crash.signal ? slot->crash.at_ns : km_clock_monotonic_ns(),
		.slot = slot,
	};
	/* SIGTERM ends one that did not handle it yet. */
	bool orderly = worker->leaving &&
		       (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));

	if (!worker->leaving && !end.timeout_ns && !pool->stopping)
		end.logged = back_off(pool, worker, &end);
	worker->pid = 0;
	if (orderly)
		pool->options.reports.discard(pool->options.reports.context, end.pid);
	else
		km_reports_add(&pool->reports, &end, NULL);
	slot->pid = 0;
}

/* --- the life of a worker --- */

static void start_worker(km_worker_pool *pool, size_t index)
{
	km_worker *worker = &pool->workers[index];
	km_worker_slot *slot = km_scoreboard_slot(&pool->scoreboard, index);

	km_worker_slot_reset(slot);
	*worker = (km_worker){.started_ns = km_clock_monotonic_ns()};
	worker->pid = km_child_fork(&pool->options.reports.signals->handled);
	if (worker->pid < 0) {
		km_log("cannot start a worker: %s", strerror(errno));
		worker->pid = 0;
		pool->next_start_ns = worker->started_ns + KM_SECOND_NS;
	} else if (worker->pid == 0) {
		slot->pid = getpid();
		close(pool->options.reports.signals->fd);
		km_crash_catch(slot, &pool->scoreboard.crash_stacks[index]);
		exit(pool->options.serve(pool->options.reports.context, slot));
	}
}

static void report_crash(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot)
{
	const km_worker_exit end = {
		.pid = worker->pid,
		.crashing = true,
		.at_ns = slot->crash.at_ns,
		.slot = slot,
		.stack = &pool->scoreboard.crash_stacks[worker - pool->workers],
	};

	worker->crash_seen = true;
	km_reports_add(&pool->reports, &end, &slot->crash);
}

/* Returns how long a thread of the worker has been in one call of the application. */
static int64_t longest_run(const km_worker_slot *slot, int64_t now)
{
	int64_t longest = 0;

	for (uint32_t i = 0; i < slot->threads; i++) {
		int64_t since = slot->thread_slots[i].since_ns;
		if (since && now - since > longest)
			longest = now - since;
	}
	return longest;
}

/* Sends the signals that are due, unless a handler runs on the main thread, which gets them: they
 * would cut a sleep or a poll of it short. */
static void deliver(const km_worker_pool *pool, km_worker *worker, const km_worker_slot *slot)
{
	if (!worker->stop_due && !worker->reopen_due)
		return;
	if (!pool->options.threaded && longest_run(slot, km_clock_monotonic_ns()) > SHORT_CALL)
		return;
	if (worker->stop_due)
		kill(worker->pid, SIGTERM);
	if (worker->reopen_due)
		kill(worker->pid, SIGUSR1);
	worker->stop_due = worker->reopen_due = false;
}

static void tend_time(km_worker_pool *pool, km_worker *worker, const km_worker_slot *slot,
		      int64_t now)
{
	int64_t limit = pool->options.timeout_ns;
	int64_t run = limit ? longest_run(slot, now) : 0;

	if (worker->kill_ns && now >= worker->kill_ns) {
		km_log("worker %ld is killed: it did not stop within GRACEFUL_TIMEOUT",
		       (long)worker->pid);
		kill(worker->pid, SIGKILL);
		worker->kill_ns = 0;
		return;
	}
	/* A threaded worker that has timed a request out finishes the others first. */
	if (!limit || worker->timeout_ns || slot->crash.signal || slot->timed_out_ns ||
	    run < limit + (pool->options.limits_itself ? LOOP_MARGIN : 0))
		return;
	/* A developer who stops at a breakpoint is not a request that hangs. */
	if (km_debugger_attached(worker->pid)) {
		if (!worker->debugged)
			km_log("worker %ld is being debugged: TIMEOUT waits", (long)worker->pid);
		worker->debugged = true;
		return;
	}
	worker->timeout_ns = run;
	kill(worker->pid, SIGKILL);
}

static void tend_worker(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot, int64_t now)
{
	int status;

	if (slot->crash.signal && !worker->crash_seen)
		report_crash(pool, worker, slot);
	if (slot->crash.signal && !slot->crash.printed)
		return; /* it waits for the report */
	/* Before its end, which may follow at once. */
	pool->serves |= slot->state != KM_WORKER_STARTING;
	if (!worker->leaving && slot->state == KM_WORKER_LEAVING) {
		worker->leaving = true;
		worker->kill_ns = now + pool->options.graceful_ns;
	}
	if (!worker->settled && slot->state == KM_WORKER_SERVING &&
	    now - worker->started_ns >= SHORT_LIFE) {
		worker->settled = true;
		pool->short_lives = 0;
	}
	if (km_child_ended(worker->pid, &status)) {
		bury(pool, worker, slot, status);
		return;
	}
	deliver(pool, worker, slot);
	tend_time(pool, worker, slot, now);
}

static size_t count_at_work(const km_worker_pool *pool)
{
	size_t count = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		count += pool->workers[i].pid && !pool->workers[i].leaving;
	return count;
}

static void start_missing(km_worker_pool *pool, int64_t now)
{
	size_t at_work = count_at_work(pool), started = 0;

	for (size_t i = 0; i < pool->scoreboard.count && at_work < pool->options.workers; i++) {
		if (now < pool->next_start_ns)
			return;
		if (!pool->workers[i].pid) {
			start_worker(pool, i);
			at_work++;
			started++;
		}
	}
	bool crowded = started == 0 && at_work < pool->options.workers;
	if (crowded && !pool->crowded)
		km_log("no worker can be started: %zu old ones still finish their requests; one "
		       "starts when the first of them ends, after GRACEFUL_TIMEOUT at the latest",
		       pool->scoreboard.count - at_work);
	pool->crowded = crowded;
}

static int64_t next_look(const km_worker_pool *pool, int64_t now)
{
	const int64_t limit = pool->options.timeout_ns;
	int64_t wait = LONGEST_LOOK;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		if (pool->workers[i].stop_due || pool->workers[i].reopen_due)
			return SHORTEST_LOOK;
	for (size_t i = 0; i < pool->scoreboard.count && limit; i++) {
		int64_t run = pool->workers[i].pid
				      ? longest_run(km_scoreboard_slot(&pool->scoreboard, i), now)
				      : 0;
		/* A request that begins now is seen before its limit. */
		int64_t look = run ? limit - run + COARSE : limit / 4;
		if (look < wait)
			wait = look;
	}
	if (!pool->stopping && count_at_work(pool) < pool->options.workers &&
	    pool->next_start_ns - now < wait)
		wait = pool->next_start_ns - now;
	return wait > SHORTEST_LOOK ? wait : SHORTEST_LOOK;
}

int64_t km_worker_pool_tend(km_worker_pool *pool)
{
	int64_t now = km_clock_monotonic_ns();

	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		km_worker *worker = &pool->workers[i];
		km_worker_slot *slot = km_scoreboard_slot(&pool->scoreboard, i);
		if (worker->pid)
			tend_worker(pool, worker, slot, now);
	}
	km_reports_tend(&pool->reports);
	if (!pool->stopping)
		start_missing(pool, now);
	return next_look(pool, now);
}

/* --- all of them --- */

void km_worker_pool_reopen_logs(km_worker_pool *pool)
{
	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		km_worker *worker = &pool->workers[i];
		worker->reopen_due = worker->pid != 0;
		deliver(pool, worker, km_scoreboard_slot(&pool->scoreboard, i));
	}
}

void km_worker_pool_stop(km_worker_pool *pool)
{
	int64_t now = km_clock_monotonic_ns();

	pool->stopping = true;
	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		km_worker *worker = &pool->workers[i];
		/* One that is leaving has its time limit, and a second SIGTERM would end it at
		 * once. */
		if (!worker->pid || worker->leaving)
			continue;
		worker->leaving = worker->stop_due = true;
		worker->kill_ns = now + pool->options.graceful_ns;
		deliver(pool, worker, km_scoreboard_slot(&pool->scoreboard, i));
	}
}

void km_worker_pool_kill(km_worker_pool *pool)
{
	pool->stopping = true;
	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		pool->workers[i].leaving = true;
		if (pool->workers[i].pid)
			kill(pool->workers[i].pid, SIGKILL);
	}
}

size_t km_worker_pool_left(const km_worker_pool *pool)
{
	size_t left = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		left += pool->workers[i].pid != 0;
	return left + km_reports_left(&pool->reports);
}

bool km_worker_pool_is_complete(const km_worker_pool *pool)
{
	size_t count = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		count += pool->workers[i].pid &&
			 km_scoreboard_slot(&pool->scoreboard, i)->state != KM_WORKER_STARTING;
	return count >= pool->options.workers;
}

int km_worker_pool_init(km_worker_pool *pool, const km_worker_pool_options *options)
{
	size_t slots = SLOTS_PER_WORKER * (size_t)options->workers;

	*pool = (km_worker_pool){.options = *options};
	pool->workers = calloc(slots, sizeof *pool->workers);
	if (!pool->workers || km_scoreboard_init(&pool->scoreboard, slots, options->threads))
		return KM_ENOMEM;
	return km_reports_init(&pool->reports, &options->reports, pool->scoreboard.slot_size);
}

void km_worker_pool_finish(km_worker_pool *pool)
{
	km_reports_finish(&pool->reports);
	km_scoreboard_finish(&pool->scoreboard);
	free(pool->workers);
	*pool = (km_worker_pool){0};
}
