#include "framework/main/worker_report.h"

#include <stdio.h>
#include <sys/wait.h>

#include "framework/base/clock.h"
#include "framework/base/json.h"
#include "framework/base/log.h"
#include "framework/master/event_command.h"

enum { EVENT_SECONDS = 60 }; /* that ON_EVENT may take */

/* What was found out, and the memory of its texts. */
struct report {
	km_worker_facts facts;
	bool timeout;
	char reason[96];
	char method[KM_REQUEST_SLOT_METHOD], target[KM_REQUEST_SLOT_TARGET],
		route[KM_REQUEST_SLOT_ROUTE];
	km_profile_location handler;
	km_buffer json;
};

/* --- facts --- */

static const char *copy(char *to, const char *text, size_t size)
{
	snprintf(to, size, "%.*s", (int)strnlen(text, size - 1), text);
	return to;
}

static void add_request(struct report *report, const km_request_slot *request, int64_t at_ns)
{
	km_worker_facts *facts = &report->facts;
	const void *handler = (const void *)request->handler;

	facts->method = copy(report->method, request->method, sizeof report->method);
	facts->target = copy(report->target, request->target, sizeof report->target);
	if (*request->route)
		facts->route = copy(report->route, request->route, sizeof report->route);
	facts->elapsed = (double)(at_ns - request->started_ns) / 1e9;
	if (handler && km_profile_locate(handler, &report->handler) == 0) {
		facts->handler = report->handler.function;
		facts->file = report->handler.file;
		facts->line = report->handler.line;
	}
}

static void add_end(struct report *report, const km_worker_exit *loss)
{
	km_worker_facts *facts = &report->facts;
	char what[64];

	if (loss->crashing)
		facts->signal = (int)loss->slot->crash.signal;
	else if (WIFSIGNALED(loss->status))
		facts->signal = WTERMSIG(loss->status);
	else
		facts->exit_status = WEXITSTATUS(loss->status);
	km_worker_exit_describe(loss, what, sizeof what);
	if (facts->method)
		snprintf(report->reason, sizeof report->reason, "%s after %.1f s", what,
			 facts->elapsed);
	else
		snprintf(report->reason, sizeof report->reason, "%s", what);
	facts->reason = report->reason;
}

static void find_facts(struct report *report, const km_worker_exit *loss)
{
	const km_request_slot *progress = km_worker_exit_request(loss);

	report->timeout = loss->timeout_ns != 0;
	report->facts.pid = loss->pid;
	report->facts.time =
		km_clock_epoch() - (double)(km_clock_monotonic_ns() - loss->at_ns) / 1e9;
	if (progress)
		add_request(report, progress, loss->at_ns);
	add_end(report, loss);
}

/* --- as JSON --- */

static void put_text(km_buffer *out, const char *name, const char *value)
{
	km_buffer_printf(out, ", \"%s\": ", name);
	if (value)
		km_json_string(out, km_str_from(value));
	else
		km_buffer_text(out, "null");
}

static void put_request(km_buffer *out, const km_worker_facts *facts)
{
	if (!facts->method) {
		km_buffer_text(out, ", \"request\": null");
		return;
	}
	km_buffer_printf(out, ", \"request\": {\"elapsed\": %.6f", facts->elapsed);
	put_text(out, "method", facts->method);
	put_text(out, "target", facts->target);
	put_text(out, "route", facts->route);
	if (facts->handler) {
		km_buffer_printf(out, ", \"handler\": {\"line\": %d", facts->line);
		put_text(out, "function", facts->handler);
		put_text(out, "file", facts->file);
		km_buffer_char(out, '}');
	} else {
		km_buffer_text(out, ", \"handler\": null");
	}
	km_buffer_char(out, '}');
}

static void put_json(struct report *report, const char *app)
{
	km_buffer *out = &report->json;
	const km_worker_facts *facts = &report->facts;

	km_buffer_printf(out, "{\"event\": \"%s\", \"time\": %.3f, \"pid\": %ld",
			 report->timeout ? "request_timeout" : "worker_lost", facts->time,
			 facts->pid);
	put_text(out, "app", app);
	put_text(out, "reason", facts->reason);
	if (facts->signal)
		km_buffer_printf(out, ", \"signal\": %d, \"exit_status\": null", facts->signal);
	else
		km_buffer_printf(out, ", \"signal\": null, \"exit_status\": %d",
				 facts->exit_status);
	put_request(out, facts);
	km_buffer_char(out, '}');
	report->facts.json = out->failed ? "{}" : out->data;
}

/* --- on the log --- */

static void log_request(const struct report *report, const char *before)
{
	const km_worker_facts *facts = &report->facts;
	char handler[1024] = "";

	if (!facts->method) {
		km_log("%s; it was serving no request", before);
		return;
	}
	if (facts->handler)
		snprintf(handler, sizeof handler, ", handler %s at %s:%d", facts->handler,
			 facts->file, facts->line);
	km_log("%s, in %s %s (%.1f s, route %s%s)", before, facts->method, facts->target,
	       facts->elapsed, facts->route ? facts->route : "none", handler);
}

static void log_crash(const struct report *report, const km_worker_exit *loss)
{
	const km_crash *crash = &loss->slot->crash;
	km_profile_location at;
	const void *pc = (const void *)crash->pc;
	char before[1024], what[64], line[512] = "";
	bool located = pc && km_profile_locate(pc, &at) == 0;

	if (pc)
		km_profile_locate_line(pc, line, sizeof line);
	km_worker_exit_describe(loss, what, sizeof what);
	snprintf(before, sizeof before, "worker %ld %s%s%s%s%s", report->facts.pid, what,
		 located ? " in " : "", located ? at.function : "", *line ? " at " : "", line);
	log_request(report, before);
}

/* The profiler's own stack, else the real one, of which the worker has left a copy. */
static void print_stack(const km_profile_option *profiling, const km_worker_exit *loss)
{
	const km_crash_stack *stack = loss->stack;
	const size_t most = sizeof stack->bytes;
	const km_request_slot *progress = km_worker_exit_request(loss);
	km_profile_thread thread = {
		.stack_address = stack->address,
		.stack = stack->bytes,
		.stack_size = stack->size < most ? stack->size : most,
	};

	/* A program without sleds has no calls on record. */
	if (profiling->middleware && km_profile_sled_count() > 0 &&
	    km_profiler_print_stack(profiling->middleware, loss->pid, stderr))
		return;
	memcpy(thread.registers, stack->registers, sizeof thread.registers);
	km_profile_print_thread(&thread, progress ? (const void *)progress->handler : NULL, stderr);
}

static void log_end(const struct report *report, const km_worker_exit *loss)
{
	char before[128], what[64];

	if (loss->slot->crash.signal) /* was told when it crashed */
		return;
	if (loss->told && !report->facts.method)
		return;
	if (report->timeout)
		snprintf(before, sizeof before,
			 "a request ran longer than TIMEOUT and worker %ld is replaced",
			 report->facts.pid);
	else
		snprintf(before, sizeof before, "worker %ld %s", report->facts.pid,
			 km_worker_exit_describe(loss, what, sizeof what));
	log_request(report, before);
}

/* --- */

static void call_hook(const km_lost_hook *hook, const km_worker_facts *facts)
{
	if (hook->call)
		hook->call(hook->context, facts);
}

static void tell(const km_app *app, const km_worker_facts *facts, bool timeout)
{
	const char *command = km_config_text(&app->config, "ON_EVENT");

	if (timeout)
		call_hook(&app->hooks.timeout, facts);
	call_hook(&app->hooks.lost, facts);
	if (*command)
		km_event_command_run(command, km_str_from(facts->json), EVENT_SECONDS);
}

void km_worker_report(const km_app *app, const km_profile_option *profiling,
		      const km_worker_exit *loss)
{
	struct report report = {0};

	find_facts(&report, loss);
	if (loss->crashing) {
		log_crash(&report, loss);
		print_stack(profiling, loss);
		return;
	}
	log_end(&report, loss);
	if (profiling->middleware)
		km_profiler_recover(profiling->middleware, loss->pid, report.reason, loss->at_ns);
	put_json(&report, app->name);
	tell(app, &report.facts, report.timeout);
	km_buffer_finish(&report.json);
}
