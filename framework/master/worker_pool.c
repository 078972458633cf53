#include "worker_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/log.h"
#include "crash.h"
#include "disregard.h"
#include "traced.h"

#define MILLISECOND ((int64_t)1000000)
#define SECOND	    ((int64_t)1000000000)

enum {
	SLOTS_PER_WORKER = 4, /* one at work, others on their way out */
	MAX_DELAYS = 8,	      /* of 100 ms, each twice the one before */
};
#define SHORT_CALL    (10 * MILLISECOND)
#define SHORT_LIFE    SECOND
#define FIRST_DELAY   (100 * MILLISECOND)
#define LONGEST_LOOK  SECOND
#define SHORTEST_LOOK (20 * MILLISECOND)
#define COARSE	      (5 * MILLISECOND) /* what km_progress_now may be late */
/* A threaded worker looks after its time-outs itself, unless its loop hangs too. */
#define LOOP_MARGIN   (2 * SECOND)

struct km_worker {
	pid_t pid; /* 0: there is none in this slot */
	pid_t crash_reporter;
	int64_t started_ns;
	int64_t kill_ns; /* when patience ends; 0: never */
	int64_t timeout_ns;
	bool leaving;	  /* is told to stop, or said that it does */
	bool stop_due, reopen_due; /* signals that wait until no handler runs */
	bool settled;	  /* has been ready to serve for a while */
	bool debugged;	  /* the log says that it has no time limit for now */
};

/* --- processes --- */

/* What every process that is forked here begins with. Unwritten output must not leave twice. */
static pid_t fork_child(const km_worker_pool *pool)
{
	pid_t master = getpid();

	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* What a terminal sends to all its processes is the master's affair. */
	km_signal_disregard(SIGINT);
	km_signal_disregard(SIGHUP);
	km_signal_disregard(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, pool->options.signals, NULL);
	if (getppid() != master) /* it died in between */
		_exit(1);
	return 0;
}

static void start_worker(km_worker_pool *pool, size_t index)
{
	km_worker *worker = &pool->workers[index];
	km_worker_slot *slot = km_scoreboard_slot(&pool->scoreboard, index);

	km_worker_slot_reset(slot);
	*worker = (km_worker){.started_ns = km_clock_monotonic_ns()};
	worker->pid = fork_child(pool);
	if (worker->pid < 0) {
		km_log("cannot start a worker: %s", strerror(errno));
		worker->pid = 0;
		pool->next_start_ns = worker->started_ns + SECOND;
	} else if (worker->pid == 0) {
		slot->pid = getpid();
		km_crash_catch(slot);
		exit(pool->options.serve(pool->options.context, slot));
	}
}

/* Runs in a process of its own because it reads what a crashed worker may have damaged, and takes its
 * time. Returns its pid, 0 when there is none. */
static pid_t start_report(const km_worker_pool *pool, const km_loss *loss)
{
	pid_t pid = fork_child(pool);

	if (pid == 0) {
		km_signal_disregard(SIGTERM); /* the master waits for what is being told */
		pool->options.report(pool->options.context, loss);
		fflush(NULL);
		_exit(0);
	}
	if (pid < 0)
		km_log("cannot tell of worker %ld: %s", (long)loss->pid, strerror(errno));
	return pid > 0 ? pid : 0;
}

static bool has_ended(pid_t pid, int *status)
{
	pid_t found;

	do
		found = waitpid(pid, status, WNOHANG);
	while (found < 0 && errno == EINTR);
	return found != 0;
}

/* --- the end of a worker --- */

/* Workers that die before they are of use are started more and more slowly. */
static void back_off(km_worker_pool *pool, const km_worker *worker, const km_worker_slot *slot,
		     const char *what, int64_t now)
{
	if (worker->settled || slot->served > 0) {
		pool->short_lives = 0;
		return;
	}
	unsigned doublings = pool->short_lives < MAX_DELAYS ? pool->short_lives : MAX_DELAYS;
	int64_t delay = FIRST_DELAY << doublings;
	pool->short_lives++;
	pool->next_start_ns = now + delay;
	km_log("worker %ld %s before it served a request, number %u in a row; the next one starts "
	       "in %.1f s",
	       (long)worker->pid, what, pool->short_lives, (double)delay / 1e9);
}

/* The report works on a copy, so that the slot is free for the next worker. */
static bool report(km_worker_pool *pool, km_loss *loss)
{
	km_report *free_one = NULL;

	for (size_t i = 0; i < KM_REPORTS_MAX && !free_one; i++)
		if (!pool->reports[i].pid)
			free_one = &pool->reports[i];
	if (!free_one) {
		km_log("worker %ld is gone, and too many ends are being told already",
		       (long)loss->pid);
		return false;
	}
	memcpy(pool->lost_slot, loss->slot, pool->scoreboard.slot_size);
	loss->slot = pool->lost_slot;
	free_one->pid = start_report(pool, loss);
	free_one->about = loss->pid;
	return free_one->pid != 0;
}

static void bury(km_worker_pool *pool, km_worker *worker, const km_worker_slot *slot, int status)
{
	int64_t now = km_clock_monotonic_ns();
	km_loss loss = {
		.pid = worker->pid,
		.status = status,
		.timeout_ns = worker->timeout_ns ? worker->timeout_ns : slot->timed_out_ns,
		.at_ns = slot->crash.signal ? slot->crash.at_ns : now,
		.slot = slot,
	};
	/* SIGTERM: before it had begun to listen to it. */
	bool told_to = worker->leaving && (status == 0 || (WIFSIGNALED(status) &&
							    WTERMSIG(status) == SIGTERM));
	char what[64];

	if (!told_to && !worker->leaving && !loss.timeout_ns)
		back_off(pool, worker, slot, km_loss_describe(&loss, what, sizeof what), now);
	worker->pid = 0;
	if (told_to || !report(pool, &loss))
		pool->options.forget(pool->options.context, loss.pid);
}

static void tend_reports(km_worker_pool *pool)
{
	int status;

	for (size_t i = 0; i < KM_REPORTS_MAX; i++) {
		km_report *ended = &pool->reports[i];
		if (!ended->pid || !has_ended(ended->pid, &status))
			continue;
		if (status != 0)
			km_log("what worker %ld left could not be told to the end",
			       (long)ended->about);
		ended->pid = 0;
		pool->options.forget(pool->options.context, ended->about);
	}
}

/* --- the life of a worker --- */

static void tend_crash(km_worker_pool *pool, km_worker *worker, km_worker_slot *slot)
{
	km_crash *crash = &slot->crash;
	int status;

	if (worker->crash_reporter) {
		if (has_ended(worker->crash_reporter, &status)) {
			worker->crash_reporter = 0;
			km_crash_printed(crash);
			if (status != 0)
				km_log("the stack of worker %ld could not be told to the end",
				       (long)worker->pid);
		}
	} else if (crash->signal && !crash->printed) {
		worker->crash_reporter = start_report(pool, &(km_loss){
								    .pid = worker->pid,
								    .crashing = true,
								    .at_ns = crash->at_ns,
								    .slot = slot,
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
		km_log("worker %ld did not stop within GRACEFUL_TIMEOUT and is killed",
		       (long)worker->pid);
		kill(worker->pid, SIGKILL);
		worker->kill_ns = 0;
		return;
	}
	/* A threaded worker that has given a request up finishes the others first. */
	if (!limit || worker->timeout_ns || slot->crash.signal || slot->timed_out_ns ||
	    run < limit + (pool->options.threaded ? LOOP_MARGIN : 0))
		return;
	/* A developer who stops at a breakpoint is not a request that hangs. */
	if (km_process_is_traced(worker->pid)) {
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
	if (has_ended(worker->pid, &status)) {
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
	size_t at_work = count_at_work(pool);

	for (size_t i = 0; i < pool->scoreboard.count && at_work < pool->options.workers; i++) {
		if (now < pool->next_start_ns)
			return;
		if (!pool->workers[i].pid) {
			start_worker(pool, i);
			at_work++;
		}
	}
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
	tend_reports(pool);
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
			kill(pool->workers[i].pid, SIGKILL);
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
