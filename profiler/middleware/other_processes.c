/* Requests of other processes, read from their slots. */
#include "profiler/middleware/profiler.h"

#include <math.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/http/target.h"

/* A copy of a slot that is safe to print, whatever a process that died wrote there. */
struct slot_facts {
	km_request_slot slot;
	km_arena arena;
	km_profile_facts facts;
};

/* Terminates the text, and replaces bytes that control a terminal. */
static void clean(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* A target that was cut may not parse any more. */
static void split_target(struct slot_facts *read)
{
	km_http_request request = {.method = km_str_from(read->slot.method)};
	km_str authority;

	if (km_http_target_parse(km_str_from(read->slot.target), &read->arena, &request,
				 &authority))
		request = (km_http_request){.path = km_str_from(read->slot.target)};
	read->facts.path = request.path.ptr;
	read->facts.query = request.query.ptr ? request.query.ptr : "";
}

/* `end_ns` is CLOCK_MONOTONIC. The caller finishes the arena. */
static void read_slot(struct slot_facts *read, const km_request_slot *slot, int64_t end_ns)
{
	km_request_slot *copy = &read->slot;

	memset(read, 0, sizeof *read);
	memcpy(copy, slot, sizeof *copy);
	clean(copy->outcome, sizeof copy->outcome);
	clean(copy->method, sizeof copy->method);
	clean(copy->route, sizeof copy->route);
	copy->target[sizeof copy->target - 1] = '\0';
	double elapsed = (double)(end_ns - copy->started_ns) * 1e-9;
	read->facts = (km_profile_facts){
		.method = *copy->method ? copy->method : "-",
		.route = *copy->route ? copy->route : NULL,
		.status = copy->status,
		.started = isfinite(copy->started) ? copy->started : 0,
		.elapsed = elapsed > 0 ? elapsed : 0,
	};
	split_target(read);
}

static void output(km_profiler *profiler, size_t index, bool running, const char *outcome,
		   int64_t died_ns)
{
	struct slot_facts read;

	read_slot(&read, &profiler->slots.all[index], died_ns);
	if (!running)
		outcome = *read.slot.outcome ? read.slot.outcome : "lost";
	read.facts.outcome = outcome;
	km_profiler_output(profiler, profiler->pool.shared[index], &read.facts, outcome);
	km_arena_finish(&read.arena);
}

static void reclaim(km_profiler *profiler, size_t index)
{
	km_profile_discard(profiler->pool.shared[index]);
	km_request_slot_reclaim(&profiler->slots.all[index]);
}

size_t km_profiler_recover(km_wsgi_app *middleware, pid_t pid, const char *outcome, int64_t died_ns)
{
	km_profiler *profiler = km_profiler_of(middleware);
	size_t count = 0;

	if (!died_ns)
		died_ns = km_clock_monotonic_ns();
	for (size_t i = 0; profiler && i < profiler->slots.count; i++) {
		const km_request_slot *slot = &profiler->slots.all[i];
		if (slot->owner != pid)
			continue;
		if (slot->recorded) {
			int running = km_profile_recover(profiler->pool.shared[i], pid, died_ns);
			if (running < 0)
				km_log("the profile of a request of process %ld is lost: %s",
				       (long)pid, km_profile_error());
			else
				output(profiler, i, running, outcome, died_ns);
			count += running >= 0;
		}
		reclaim(profiler, i);
	}
	return count;
}

void km_profiler_forget(km_wsgi_app *middleware, pid_t pid)
{
	km_profiler *profiler = km_profiler_of(middleware);

	for (size_t i = 0; profiler && i < profiler->slots.count; i++)
		if (profiler->slots.all[i].owner == pid)
			reclaim(profiler, i);
}

size_t km_profiler_print_stack(km_wsgi_app *middleware, pid_t pid, FILE *stream)
{
	km_profiler *profiler = km_profiler_of(middleware);
	size_t printed = 0;

	for (size_t i = 0; profiler && i < profiler->slots.count; i++) {
		const km_request_slot *slot = &profiler->slots.all[i];
		struct slot_facts read;
		if (slot->owner != pid || !slot->recorded)
			continue;
		read_slot(&read, slot, 0);
		km_profiler_name(profiler->pool.shared[i], read.facts.method, read.facts.route);
		km_arena_finish(&read.arena);
		printed += km_profile_print_stack(profiler->pool.shared[i], stream) > 0;
	}
	return printed;
}

/* Another request may take the slot while it is read. The facts are mixed then, and right again at
 * the next call. */
void km_profiler_each_running(km_wsgi_app *middleware,
			      void (*visit)(void *context, pid_t pid,
					    const km_profile_facts *facts),
			      void *context)
{
	km_profiler *profiler = km_profiler_of(middleware);
	int64_t now = km_clock_monotonic_ns();

	for (size_t i = 0; profiler && i < profiler->slots.count; i++) {
		const km_request_slot *slot = &profiler->slots.all[i];
		struct slot_facts read;
		pid_t owner = slot->owner;
		if (!owner || !slot->recorded)
			continue;
		read_slot(&read, slot, now);
		if (!*read.slot.outcome)
			visit(context, owner, &read.facts);
		km_arena_finish(&read.arena);
	}
}
