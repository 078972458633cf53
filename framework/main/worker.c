#include "framework/main/worker.h"

#include <komori/viewer_middleware.h>
#include <stdlib.h>
#include <sys/random.h>

#include "framework/base/log.h"
#include "framework/master/crash.h"
#include "framework/server/server.h"
#include "profiler/middleware/profiler.h"

/* Workers that were started together are not to be replaced together. */
static uint64_t max_requests(const km_config *config)
{
	uint64_t most = (uint64_t)km_config_number(config, "MAX_REQUESTS");
	uint64_t jitter = (uint64_t)km_config_number(config, "MAX_REQUESTS_JITTER");
	uint64_t chance = 0;

	if (most && jitter && getrandom(&chance, sizeof chance, 0) == sizeof chance)
		most += chance % (jitter + 1);
	return most;
}

static void reopen_logs(void *context)
{
	km_service *serving = context;

	km_profile_option_reopen(&serving->profiling, serving->app);
}

/* Handlers need not be thread-safe for that. */
static bool has_lone_thread(const km_service *serving)
{
	return serving->profiling.viewer && km_config_number(&serving->app->config, "THREADS") == 0;
}

bool km_service_has_threads(const km_service *serving)
{
	return km_config_number(&serving->app->config, "THREADS") > 0 || has_lone_thread(serving);
}

static km_server *new_server(km_service *serving, km_worker_slot *slot)
{
	const km_config *config = &serving->app->config;
	const km_server_options options = {
		.max_request_line = (size_t)km_config_number(config, "MAX_REQUEST_LINE"),
		.max_headers = (size_t)km_config_number(config, "MAX_HEADERS"),
		.max_header_count = (size_t)km_config_number(config, "MAX_HEADER_COUNT"),
		.max_body = (size_t)km_config_number(config, "MAX_BODY"),
		.body_memory = (size_t)km_config_number(config, "BODY_MEMORY"),
		.access_log = km_config_text(config, "ACCESS_LOG"),
		.access_log_format = km_config_text(config, "ACCESS_LOG_FORMAT"),
		.max_output = (size_t)km_config_number(config, "MAX_OUTPUT"),
		.max_connections = (size_t)km_config_number(config, "MAX_CONNECTIONS"),
		.header_timeout = (int)km_config_number(config, "HEADER_TIMEOUT"),
		.body_timeout = (int)km_config_number(config, "BODY_TIMEOUT"),
		.idle_timeout = (int)km_config_number(config, "IDLE_TIMEOUT"),
		.write_timeout = (int)km_config_number(config, "WRITE_TIMEOUT"),
		.graceful_timeout = (int)km_config_number(config, "GRACEFUL_TIMEOUT"),
		.threads = (uint32_t)km_config_number(config, "THREADS"),
		.lone_thread = has_lone_thread(serving),
		.aside = serving->profiling.viewer ? km_viewer_serves : NULL,
		/* Of one thread alone the master looks after the time limit, as of the loop. */
		.timeout = has_lone_thread(serving) ? 0 : (int)km_config_number(config, "TIMEOUT"),
		.multiprocess = km_config_number(config, "WORKERS") > 1,
		.slots = km_profiler_slots(serving->profiling.middleware),
		.slot = slot,
		.max_requests = slot ? max_requests(config) : 0,
		.reopen_logs = reopen_logs,
		.reopen_context = serving,
	};
	char error[512];
	km_server *server =
		km_server_new(serving->app->wsgi, &serving->sockets, &options, error, sizeof error);

	if (!server)
		km_log("%s", error);
	return server;
}

static bool start_hook_fails(const km_hooks *hooks)
{
	int result = hooks->start ? hooks->start(hooks->start_context) : 0;

	if (result)
		km_log("the hook of km_on_worker_start returned %d", result);
	return result != 0;
}

int km_worker_run(km_service *serving, km_worker_slot *slot)
{
	if (slot && km_crash_thread(km_service_has_threads(serving) ? UINT32_MAX : 0))
		km_log("a stack overflow of a handler will not be told");
	if (start_hook_fails(&serving->app->hooks))
		return 1;
	km_server *server = new_server(serving, slot);
	if (!server)
		return 1;
	int result = km_server_run(server);
	if (result)
		km_log("the server stopped: %s", km_strerror(result));
	km_server_free(server);
	return result ? 1 : 0;
}
