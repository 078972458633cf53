#include "framework/master/old_programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"

/* What a guard has to tell of workers that it killed takes its time. */
#define GUARD_NS (5 * KM_SECOND_NS)

/* --- from program to program --- */

/* "FD,PID,PID,..." of guard, guard's process and workers each, with slashes between. */
static void write_one(const km_generation *generation, km_buffer *text)
{
	km_buffer_printf(text, "%s%d,%ld", text->len ? "/" : "", generation->guard.fd,
			 (long)generation->guard.pid);
	for (size_t i = 0; i < generation->count; i++)
		km_buffer_printf(text, ",%ld", (long)generation->pids[i]);
}

static int set_close_on_exec(const km_guard *guard, int flags)
{
	return guard->pid && fcntl(guard->fd, F_SETFD, flags) ? KM_EIO : 0;
}

int km_generations_export(const km_generations *generations, const km_generation *newest,
			  km_buffer *text)
{
	int failed = set_close_on_exec(&newest->guard, 0);

	for (size_t i = 0; i < generations->count; i++) {
		failed |= set_close_on_exec(&generations->all[i].guard, 0);
		write_one(&generations->all[i], text);
	}
	write_one(newest, text);
	return text->failed ? KM_ENOMEM : failed ? KM_EIO : 0;
}

void km_generations_keep(const km_generations *generations)
{
	for (size_t i = 0; i < generations->count; i++)
		set_close_on_exec(&generations->all[i].guard, FD_CLOEXEC);
}

/* Returns what follows the number and its comma. */
static const char *read_number(const char *text, long *number)
{
	char *end;

	*number = strtol(text, &end, 10);
	return *end == ',' ? end + 1 : end;
}

static const char *read_one(km_generation *generation, const char *text)
{
	size_t most = strspn(text, "0123456789,");
	long fd, pid;

	text = read_number(text, &fd);
	text = read_number(text, &pid);
	generation->guard = (km_guard){.pid = (pid_t)pid, .fd = (int)fd};
	generation->pids = calloc(most + 1, sizeof(pid_t));
	while (generation->pids && *text && *text != '/') {
		text = read_number(text, &pid);
		if (pid <= 0)
			return NULL;
		generation->pids[generation->count++] = (pid_t)pid;
	}
	return generation->pids ? text : NULL;
}

int km_generations_import(km_generations *generations, const char *text)
{
	size_t most = 1;

	*generations = (km_generations){0};
	if (!text)
		return 0;
	for (const char *at = text; *at; at++)
		most += *at == '/';
	generations->all = calloc(most, sizeof *generations->all);
	if (!generations->all)
		return KM_ENOMEM;
	do
		text = read_one(&generations->all[generations->count++], text);
	while (text && *text++ == '/' && generations->count < most);
	km_generations_keep(generations);
	return text ? 0 : KM_EINVAL;
}

void km_generations_finish(km_generations *generations)
{
	for (size_t i = 0; i < generations->count; i++) {
		if (generations->all[i].guard.pid)
			close(generations->all[i].guard.fd);
		free(generations->all[i].pids);
	}
	free(generations->all);
	*generations = (km_generations){0};
}

/* --- their lives --- */

static void signal_all(const km_generation *generation, int number)
{
	for (size_t i = 0; i < generation->count; i++)
		kill(generation->pids[i], number);
}

/* Without a guard there is nobody who knows what it did. */
static void tell_end(km_generation *generation, km_end end)
{
	if (generation->guard.pid)
		km_guard_tell_end(&generation->guard, end);
	else if (WIFSIGNALED(end.status))
		km_log("worker %ld of the program before was killed: signal %d", (long)end.pid,
		       WTERMSIG(end.status));
}

static void tend_workers(km_generation *generation)
{
	size_t left = 0;
	km_end end;

	for (size_t i = 0; i < generation->count; i++) {
		end.pid = generation->pids[i];
		if (km_child_ended(NULL, end.pid, &end.status))
			tell_end(generation, end);
		else
			generation->pids[left++] = end.pid;
	}
	generation->count = left;
}

static void tend_guard(km_generation *generation)
{
	km_guard *guard = &generation->guard;
	int status;

	if (!guard->pid || !km_child_ended(NULL, guard->pid, &status))
		return;
	if (generation->count)
		km_log("process %ld, which looked after the workers of the program before, is "
		       "gone: TIMEOUT does not hold for them any more",
		       (long)guard->pid);
	close(guard->fd);
	*guard = (km_guard){0};
	generation->kill_ns = 0; /* they may not have been told */
}

/* Those that did not end when they should have. */
static void end(km_generation *generation)
{
	signal_all(generation, SIGKILL);
	if (generation->guard.pid)
		kill(generation->guard.pid, SIGKILL);
}

/* A guard looks after their patience itself; it has a moment more for its own. */
static void stop(km_generation *generation, int64_t graceful_ns)
{
	int64_t now = km_clock_monotonic_ns();

	if (generation->kill_ns && now >= generation->kill_ns) {
		end(generation);
	} else if (!generation->kill_ns) {
		if (!generation->guard.pid)
			signal_all(generation, SIGTERM);
		else if (!generation->stopping)
			km_guard_order_to(&generation->guard, KM_GUARD_STOP);
		generation->kill_ns = now + graceful_ns + (generation->guard.pid ? GUARD_NS : 0);
	}
	generation->stopping = true;
}

void km_generations_tend(km_generations *generations, bool may_stop, int64_t graceful_ns)
{
	size_t left = 0;

	for (size_t i = 0; i < generations->count; i++) {
		km_generation *generation = &generations->all[i];
		tend_workers(generation);
		tend_guard(generation);
		if (!generation->count && !generation->guard.pid) {
			free(generation->pids);
			continue;
		}
		if (may_stop || generation->stopping)
			stop(generation, graceful_ns);
		generations->all[left++] = *generation;
	}
	generations->count = left;
}

void km_generations_kill(km_generations *generations)
{
	for (size_t i = 0; i < generations->count; i++) {
		km_generation *generation = &generations->all[i];
		generation->stopping = true;
		generation->kill_ns = km_clock_monotonic_ns() + GUARD_NS;
		if (generation->guard.pid)
			km_guard_order_to(&generation->guard, KM_GUARD_KILL);
		signal_all(generation, SIGKILL); /* whatever the guard does */
	}
}

void km_generations_reopen_logs(km_generations *generations)
{
	for (size_t i = 0; i < generations->count; i++) {
		km_generation *generation = &generations->all[i];
		if (generation->guard.pid)
			km_guard_order_to(&generation->guard, KM_GUARD_OPEN_LOGS);
		else
			signal_all(generation, SIGUSR1);
	}
}
