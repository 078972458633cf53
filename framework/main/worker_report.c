#include "framework/main/worker_report.h"

#include <stdio.h>
#include <sys/wait.h>

#include "framework/base/clock.h"
#include "framework/base/json_writer.h"
#include "framework/base/log.h"
#include "framework/master/event_command.h"
#include "framework/server/loop/access_log.h"

enum {
	EVENT_SECONDS = 60, /* that ON_EVENT may take */
	BAD_GATEWAY = 502,
	GATEWAY_TIMEOUT = 504,
};

/* The facts, and the memory of their texts. */
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

static void add_end(struct report *report, const km_worker_exit *end)
{
	km_worker_facts *facts = &report->facts;
	char what[64];

	if (end->crashing)
		facts->signal = (int)end->slot->crash.signal;
	else if (WIFSIGNALED(end->status))
		facts->signal = WTERMSIG(end->status);
	else
		facts->exit_status = WEXITSTATUS(end->status);
	km_worker_exit_describe(end, what, sizeof what);
	if (facts->method)
		snprintf(report->reason, sizeof report->reason, "%s after %.1f s", what,
			 facts->elapsed);
	else
		snprintf(report->reason, sizeof report->reason, "%s", what);
	facts->reason = report->reason;
}

static void find_facts(struct report *report, const km_worker_exit *end)
{
	const km_request_slot *request = km_worker_exit_request(end);

	report->timeout = end->timeout_ns != 0;
	report->facts.pid = end->pid;
	report->facts.time =
		km_clock_epoch() - (double)(km_clock_monotonic_ns() - end->at_ns) / 1e9;
	if (request)
		add_request(report, request, end->at_ns);
	add_end(report, end);
}

/* --- as JSON --- */

static void put_number(km_json_writer *json, const char *name, bool known, int value)
{
	km_json_key(json, name);
	if (known)
		km_json_integer(json, value);
	else
		km_json_null(json);
}

/* Begins a member that is an object; without one it is null. */
static bool begin_object(km_json_writer *json, const char *name, bool has_one)
{
	km_json_key(json, name);
	if (has_one)
		km_json_object(json);
	else
		km_json_null(json);
	return has_one;
}

static void put_request(km_json_writer *json, const km_worker_facts *facts)
{
	if (!begin_object(json, "request", facts->method))
		return;
	km_json_key_text(json, "method", facts->method);
	km_json_key_text(json, "target", facts->target);
	km_json_key_text(json, "route", facts->route);
	km_json_key_double(json, "elapsed", facts->elapsed);
	if (begin_object(json, "handler", facts->handler)) {
		km_json_key_text(json, "function", facts->handler);
		km_json_key_text(json, "file", facts->file);
		km_json_key_integer(json, "line", facts->line);
		km_json_object_end(json);
	}
	km_json_object_end(json);
}

static void put_json(struct report *report, const char *app)
{
	const km_worker_facts *facts = &report->facts;
	km_json_writer json = {.out = &report->json};

	km_json_object(&json);
	km_json_key_text(&json, "event", report->timeout ? "request_timeout" : "worker_lost");
	km_json_key_double(&json, "time", facts->time);
	km_json_key_integer(&json, "pid", facts->pid);
	km_json_key_text(&json, "app", app);
	km_json_key_text(&json, "reason", facts->reason);
	put_number(&json, "signal", facts->signal, facts->signal);
	put_number(&json, "exit_status", !facts->signal, facts->exit_status);
	put_request(&json, facts);
	km_json_object_end(&json);
	report->facts.json = report->json.failed ? "{}" : report->json.data;
}

/* --- in the access log --- */

static void add_access_line(km_access_log *log, const km_request_slot *request, int status)
{
	char line[KM_REQUEST_SLOT_METHOD + KM_REQUEST_SLOT_TARGET + 16];

	snprintf(line, sizeof line, "%s %s HTTP/1.1", request->method, request->target);
	km_access_log_refused(log, (km_str){0}, km_str_from(line), status, 0);
}

/* Each request in a handler has a line, with the status that a gateway would send, unless the
 * worker has logged it. */
static void add_access_lines(const km_app *app, const km_worker_exit *end)
{
	const km_config *config = &app->config;
	const km_request_slot *late = end->timeout_ns ? km_worker_exit_request(end) : NULL;
	km_access_log log;

	if (km_access_log_open(&log, km_config_text(config, "ACCESS_LOG"),
			       km_config_text(config, "ACCESS_LOG_FORMAT")))
		return;
	for (uint32_t i = 0; log.on && i < end->slot->threads; i++) {
		const km_thread_slot *thread = &end->slot->thread_slots[i];
		const km_request_slot *request = km_thread_slot_request(thread);
		if (thread->since_ns && !thread->logged)
			add_access_line(&log, request,
					request == late ? GATEWAY_TIMEOUT : BAD_GATEWAY);
	}
	km_access_log_close(&log);
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

static void log_crash(const struct report *report, const km_worker_exit *end)
{
	const km_crash *crash = &end->slot->crash;
	km_profile_location at;
	const void *pc = (const void *)crash->pc;
	char before[1024], what[64], line[512] = "";
	bool located = pc && km_profile_locate(pc, &at) == 0;

	if (pc)
		km_profile_locate_line(pc, line, sizeof line);
	km_worker_exit_describe(end, what, sizeof what);
	snprintf(before, sizeof before, "worker %ld %s%s%s%s%s", report->facts.pid, what,
		 located ? " in " : "", located ? at.function : "", *line ? " at " : "", line);
	log_request(report, before);
}

/* Prints the profiler's stack, else the native one, which the worker copied when it crashed. */
static void print_stack(const km_profile_option *profile, const km_worker_exit *end)
{
	const km_crash_stack *stack = end->stack;
	const size_t most = sizeof stack->bytes;
	const km_request_slot *request = km_worker_exit_request(end);
	km_profile_thread thread = {
		.stack_address = stack->address,
		.stack = stack->bytes,
		.stack_size = stack->size < most ? stack->size : most,
	};

	/* Without sleds no calls are recorded. */
	if (profile->middleware && km_profile_sled_count() > 0 &&
	    km_profiler_print_stack(profile->middleware, end->pid, stderr))
		return;
	memcpy(thread.registers, stack->registers, sizeof thread.registers);
	km_profile_print_thread(&thread, request ? (const void *)request->handler : NULL, stderr);
}

static void log_end(const struct report *report, const km_worker_exit *end)
{
	char before[128], what[64];

	if (end->slot->crash.signal) /* the log has the crash */
		return;
	if (end->logged && !report->facts.method)
		return;
	if (report->timeout)
		snprintf(before, sizeof before,
			 "a request ran longer than TIMEOUT and worker %ld is replaced",
			 report->facts.pid);
	else
		snprintf(before, sizeof before, "worker %ld %s", report->facts.pid,
			 km_worker_exit_describe(end, what, sizeof what));
	log_request(report, before);
}

/* --- */

static void call_hook(const km_lost_hook *hook, const km_worker_facts *facts)
{
	if (hook->call)
		hook->call(hook->context, facts);
}

static void notify(const km_app *app, const km_worker_facts *facts, bool timeout)
{
	const char *command = km_config_text(&app->config, "ON_EVENT");

	if (timeout)
		call_hook(&app->hooks.timeout, facts);
	call_hook(&app->hooks.lost, facts);
	if (*command)
		km_event_command_run(command, km_str_from(facts->json), EVENT_SECONDS);
}

void km_worker_report(const km_app *app, const km_profile_option *profile,
		      const km_worker_exit *end)
{
	struct report report = {0};

	find_facts(&report, end);
	if (end->crashing) {
		log_crash(&report, end);
		print_stack(profile, end);
		return;
	}
	log_end(&report, end);
	if (profile->middleware)
		km_profiler_recover(profile->middleware, end->pid, report.reason, end->at_ns);
	add_access_lines(app, end);
	put_json(&report, app->name);
	notify(app, &report.facts, report.timeout);
	km_buffer_finish(&report.json);
}
