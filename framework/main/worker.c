#include "framework/main/worker.h"

#include <errno.h>
#include <komori/viewer_middleware.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "framework/base/log.h"
#include "framework/master/crash.h"
#include "framework/server/server.h"
#include "profiler/middleware/profiler.h"

/* Adds a random part, so that workers which were started together are not replaced together. */
static uint64_t max_requests(const km_config *config)
{
	uint64_t most = (uint64_t)km_config_number(config, "MAX_REQUESTS");
	uint64_t jitter = (uint64_t)km_config_number(config, "MAX_REQUESTS_JITTER");
	uint64_t chance = 0;

	if (most && jitter && getrandom(&chance, sizeof chance, 0) == sizeof chance)
		most += chance % (jitter + 1);
	return most;
}

void km_service_reopen_logs(void *context)
{
	km_service *service = context;

	km_profile_option_reopen(&service->profile, service->app);
}

/* One thread: handlers need not be thread-safe. */
static bool has_lone_thread(const km_service *service)
{
	return service->profile.viewer && km_config_number(&service->app->config, "THREADS") == 0;
}

bool km_service_has_threads(const km_service *service)
{
	return km_config_number(&service->app->config, "THREADS") > 0 || has_lone_thread(service);
}

void km_service_print(void *context)
{
	const km_service *service = context;
	const km_app *app = service->app;
	const char *url = service->sockets.all[0].url;
	bool profile = km_config_is_on(&app->config, "PROFILE");
	km_buffer urls = {0};

	km_listen_sockets_write(&service->sockets, &urls);
	fprintf(stderr, " * %s on %s (%spid %ld) - Ctrl-C to stop\n", app->name,
		urls.failed ? "?" : urls.data,
		app->tool ? ""
		: profile ? "PROFILE on, "
			  : "PROFILE off, ",
		(long)service->pid);
	if (profile && strncmp(url, "http", 4) == 0)
		fprintf(stderr, " * requests and their profiles: %s__profile__/\n", url);
	km_buffer_finish(&urls);
}

static km_server *new_server(km_service *service, km_worker_slot *slot)
{
	const km_config *config = &service->app->config;
	const km_server_options options = {
		.limits.request_line = (size_t)km_config_number(config, "MAX_REQUEST_LINE"),
		.limits.headers = (size_t)km_config_number(config, "MAX_HEADERS"),
		.limits.header_count = (size_t)km_config_number(config, "MAX_HEADER_COUNT"),
		.limits.body = (size_t)km_config_number(config, "MAX_BODY"),
		.limits.body_memory = (size_t)km_config_number(config, "BODY_MEMORY"),
		.access_log = km_config_text(config, "ACCESS_LOG"),
		.access_log_format = km_config_text(config, "ACCESS_LOG_FORMAT"),
		.max_output = (size_t)km_config_number(config, "MAX_OUTPUT"),
		.max_connections = (size_t)km_config_number(config, "MAX_CONNECTIONS"),
		.header_timeout = (uint32_t)km_config_number(config, "HEADER_TIMEOUT"),
		.body_timeout = (uint32_t)km_config_number(config, "BODY_TIMEOUT"),
		.idle_timeout = (uint32_t)km_config_number(config, "IDLE_TIMEOUT"),
		.write_timeout = (uint32_t)km_config_number(config, "WRITE_TIMEOUT"),
		.graceful_timeout = (uint32_t)km_config_number(config, "GRACEFUL_TIMEOUT"),
		.threads = (uint32_t)km_config_number(config, "THREADS"),
		.lone_thread = has_lone_thread(service),
		.aside = service->profile.viewer ? km_viewer_serves : NULL,
		/* The supervisor limits a lone thread, as it does the loop. */
		.timeout = has_lone_thread(service) ? 0
						    : (uint32_t)km_config_number(config, "TIMEOUT"),
		.multiprocess = km_config_number(config, "WORKERS") > 1,
		.slots = km_profiler_slots(service->profile.middleware),
		.slot = slot,
		.max_requests = slot ? max_requests(config) : 0,
		.reopen_logs = km_service_reopen_logs,
		.serves = slot ? NULL : km_service_print,
		.reopen_context = service,
	};

	return km_server_new(service->app->wsgi, &service->sockets, &options);
}

static bool start_hook_fails(const km_hooks *hooks)
{
	int result = hooks->start ? hooks->start(hooks->start_context) : 0;

	if (result)
		km_log("the hook of km_on_worker_start returned %d", result);
	return result != 0;
}

int km_worker_run(km_service *service, km_worker_slot *slot)
{
	if (slot && km_crash_thread(km_service_has_threads(service) ? UINT32_MAX : 0))
		km_log("a stack overflow of a handler will not be reported: %s", strerror(errno));
	if (start_hook_fails(&service->app->hooks))
		return 1;
	km_server *server = new_server(service, slot);
	if (!server)
		return 1;
	int result = km_server_run(server);
	if (result)
		km_log("the server stopped: %s", km_strerror(result));
	km_server_free(server);
	return result ? 1 : 0;
}
