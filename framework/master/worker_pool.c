#include "framework/master/worker_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/crash.h"
#include "framework/master/reports.h"
#include "framework/base/debugger.h"

#define MILLISECOND (KM_SECOND_NS / 1000)

enum {
	SLOTS_PER_WORKER = 4, /* one at work, others on their way out */
	MAX_DELAYS = 8,	      /* of 100 ms, each twice the one before */
};
#define SHORT_CALL    (10 * MILLISECOND)
#define SHORT_LIFE    KM_SECOND_NS
#define FIRST_DELAY   (100 * MILLISECOND)
#define LONGEST_LOOK  KM_SECOND_NS
#define SHORTEST_LOOK (20 * MILLISECOND)
#define COARSE	      (5 * MILLISECOND) /* what km_clock_coarse_ns may be late */
#define LOOP_MARGIN   (2 * KM_SECOND_NS)

struct km_worker {
	pid_t pid; /* 0: there is none in this slot */
	int pidfd; /* of a worker that somebody else waits for, else 0: its pid may be another's */
	pid_t crash_reporter;
	int64_t started_ns;
	int64_t kill_ns; /* when patience ends; 0: never */
	int64_t timeout_ns;
	bool leaving;		   /* is told to stop, or said that it does */
	bool stop_due, reopen_due; /* signals that wait until no handler runs */
	bool settled;		   /* has been ready to serve for a while */
	bool debugged;		   /* the log says that it has no time limit for now */
};

/* --- processes --- */

static void signal_worker(const km_worker *worker, int number)
{
	if (worker->pidfd)
		syscall(SYS_pidfd_send_signal, worker->pidfd, number, NULL, 0);
	else
		kill(worker->pid, number);
}

static void close_pidfd(km_worker *worker)
{
	if (worker->pidfd)
		close(worker->pidfd);
	worker->pidfd = 0;
}

static void start_worker(km_worker_pool *pool, size_t index)
{
	km_worker *worker = &pool->workers[index];
	km_worker_slot *slot = km_scoreboard_slot(&pool->scoreboard, index);

	km_worker_slot_reset(slot);
	*worker = (km_worker){.started_ns = km_clock_monotonic_ns()};
	worker->pid = km_child_fork(pool->options.signals);
	if (worker->pid < 0) {
		km_log("cannot start a worker: %s", strerror(errno));
		worker->pid = 0;
		pool->next_start_ns = worker->started_ns + KM_SECOND_NS;
	} else if (worker->pid == 0) {
		slot->pid = getpid();
		pool->options.leave(pool->options.leave_context);
		km_crash_catch(slot, &pool->scoreboard.crash_stacks[index]);
		exit(pool->options.serve(pool->options.context, slot));
	}
}

/* --- the end of a worker --- */

/* Workers that die before they are of use are started more and more slowly. Returns whether that,
 * and with it the end, is on the log. */
static bool back_off(km_worker_pool *pool, const km_worker *worker, const km_worker_slot *slot,
		     const char *what, int64_t now)
{
	if (worker->settled || slot->served > 0) {
		pool->short_lives = 0;
		return false;
	}
	unsigned doublings = pool->short_lives < MAX_DELAYS ? pool->short_lives : MAX_DELAYS;
	int64_t delay = FIRST_DELAY << doublings;
	pool->short_lives++;
	pool->next_start_ns = now + delay;
	km_log("worker %ld %s before it served a request, number %u in a row; the next one starts "
	       "in %.1f s",
	       (long)worker->pid, what, pool->short_lives, (double)delay / 1e9);
	return true;
}

static void bury(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot, int status)
{
	int64_t now = km_clock_monotonic_ns();
	km_worker_exit loss = {
		.pid = worker->pid,
		.status = status,
		.timeout_ns = worker->timeout_ns ? worker->timeout_ns : slot->timed_out_ns,
		.at_ns = slot->crash.signal ? slot->crash.at_ns : now,
		.slot = slot,
	};
	/* SIGTERM: before it had begun to listen to it. */
	bool told_to = worker->leaving &&
		       (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
	char what[64];

	if (!told_to && !worker->leaving && !loss.timeout_ns && !pool->stopping)
		loss.told = back_off(pool, worker, slot,
				     km_worker_exit_describe(&loss, what, sizeof what), now);
	worker->pid = 0;
	close_pidfd(worker);
	if (told_to || !km_reports_add(pool, &loss))
		pool->options.forget(pool->options.context, loss.pid);
	slot->pid = 0;
}

/* --- the life of a worker --- */

static void tend_crash(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot)
{
	const km_crash_stack *stack = &pool->scoreboard.crash_stacks[worker - pool->workers];
	km_crash *crash = &slot->crash;
	int status;

	if (worker->crash_reporter) {
		if (km_child_ended(pool->others, worker->crash_reporter, &status)) {
			worker->crash_reporter = 0;
			km_crash_printed(crash);
			if (status != 0)
				km_log("the stack of worker %ld could not be told to the end",
				       (long)worker->pid);
		}
	} else if (crash->signal && !crash->printed) {
		worker->crash_reporter = km_report_start(pool, &(km_worker_exit){
								       .pid = worker->pid,
								       .crashing = true,
								       .at_ns = crash->at_ns,
								       .slot = slot,
								       .stack = stack,
							       });
		if (!worker->crash_reporter)
			km_crash_printed(crash);
	}
}

/* How long the slot's worker has been in one call of the application. */
static int64_t longest_run(const km_worker_slot *slot, int64_t now)
{
	int64_t longest = 0;

	for (uint32_t i = 0; i < slot->threads; i++) {
		int64_t since = slot->progress[i].since_ns;
		if (since && now - since > longest)
			longest = now - since;
	}
	return longest;
}

/* A signal would cut a sleep or a poll of the handler short. Handler threads are spared by the
 * kernel: it picks the main thread. */
static void deliver(const km_worker_pool *pool, km_worker *worker, const km_worker_slot *slot)
{
	if (!worker->stop_due && !worker->reopen_due)
		return;
	if (!pool->options.threaded && longest_run(slot, km_clock_monotonic_ns()) > SHORT_CALL)
		return;
	if (worker->stop_due)
		signal_worker(worker, SIGTERM);
	if (worker->reopen_due)
		signal_worker(worker, SIGUSR1);
	worker->stop_due = worker->reopen_due = false;
}

static void tend_time(km_worker_pool *pool, km_worker *worker, const km_worker_slot *slot,
		      int64_t now)
{
	int64_t limit = pool->options.timeout_ns;
	int64_t run = limit ? longest_run(slot, now) : 0;

	if (worker->kill_ns && now >= worker->kill_ns) {
		km_log("worker %ld did not stop within GRACEFUL_TIMEOUT and is killed",
		       (long)worker->pid);
		signal_worker(worker, SIGKILL);
		worker->kill_ns = 0;
		return;
	}
	/* A threaded worker that has given a request up finishes the others first. */
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
	signal_worker(worker, SIGKILL);
}

static void tend_worker(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot, int64_t now)
{
	int status;

	tend_crash(pool, worker, slot);
	if (worker->crash_reporter)
		return;
	/* First what it said last: it may be gone at once. */
	if (!worker->leaving && slot->state == KM_WORKER_LEAVING) {
		worker->leaving = true;
		worker->kill_ns = now + pool->options.graceful_ns;
	}
	if (!worker->settled && slot->state == KM_WORKER_SERVING &&
	    now - worker->started_ns >= SHORT_LIFE) {
		worker->settled = true;
		pool->short_lives = 0;
	}
	if (km_child_ended(pool->others, worker->pid, &status)) {
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
		km_log("%zu workers are on their way out, and no more are started until one of "
		       "them has ended: at the end of its answers, or of GRACEFUL_TIMEOUT",
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
		/* A request that begins now is seen in time to know when it ends. */
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
	km_reports_tend(pool);
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
		/* One that is leaving has its patience running, and a second SIGTERM would end it
		 * at once. */
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
			signal_worker(&pool->workers[i], SIGKILL);
	}
}

size_t km_worker_pool_left(const km_worker_pool *pool)
{
	size_t left = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		left += (size_t)(pool->workers[i].pid != 0) +
			(size_t)(pool->workers[i].crash_reporter != 0);
	for (size_t i = 0; i < KM_REPORTS_MAX; i++)
		left += pool->reports[i].pid != 0;
	return left;
}

bool km_worker_pool_serves(const km_worker_pool *pool)
{
	size_t serving = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++)
		serving += pool->workers[i].pid &&
			   km_scoreboard_slot(&pool->scoreboard, i)->state == KM_WORKER_SERVING;
	return serving >= pool->options.workers;
}

static size_t add_pid(pid_t *pids, size_t count, pid_t pid)
{
	if (pid)
		pids[count++] = pid;
	return count;
}

void km_worker_pool_pids(const km_worker_pool *pool, pid_t *pids)
{
	size_t count = 0;

	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		count = add_pid(pids, count, pool->workers[i].pid);
		count = add_pid(pids, count, pool->workers[i].crash_reporter);
	}
	for (size_t i = 0; i < KM_REPORTS_MAX; i++)
		count = add_pid(pids, count, pool->reports[i].pid);
}

int km_worker_pool_hold(km_worker_pool *pool)
{
	for (size_t i = 0; i < pool->scoreboard.count; i++) {
		km_worker *worker = &pool->workers[i];
		if (!worker->pid)
			continue;
		int fd = (int)syscall(SYS_pidfd_open, worker->pid, 0);
		if (fd < 0) {
			km_worker_pool_release(pool);
			return KM_EIO;
		}
		worker->pidfd = fd;
	}
	return 0;
}

void km_worker_pool_release(km_worker_pool *pool)
{
	for (size_t i = 0; i < pool->scoreboard.count; i++)
		close_pidfd(&pool->workers[i]);
}

int km_worker_pool_init(km_worker_pool *pool, const km_worker_pool_options *options)
{
	size_t slots = SLOTS_PER_WORKER * (size_t)options->workers;

	*pool = (km_worker_pool){.options = *options};
	pool->workers = calloc(slots, sizeof *pool->workers);
	if (!pool->workers || km_scoreboard_init(&pool->scoreboard, slots, options->threads))
		return KM_ENOMEM;
	pool->lost_slot = malloc(pool->scoreboard.slot_size);
	return pool->lost_slot ? 0 : KM_ENOMEM;
}

void km_worker_pool_finish(km_worker_pool *pool)
{
	km_scoreboard_finish(&pool->scoreboard);
	free(pool->lost_slot);
	free(pool->workers);
	*pool = (km_worker_pool){0};
}
